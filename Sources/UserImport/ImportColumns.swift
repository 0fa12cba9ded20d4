import CognitoTriggers

// What a file of users is that Cognito imports, and which users it can hold: columns and lines, hashes, files and their
// limits, the log of a job. Nothing here reads, writes or asks anybody.

/// Which column of a source becomes which of a file that a user pool imports.
public struct ImportColumns: Sendable {
  /// The file's column of hashes, which a pool's own header may lack.
  ///
  /// - Source: Amazon Cognito Developer Guide, "Importing users from a CSV file".
  static let passwordHash = "password_hash"
  static let username = "cognito:username"

  /// The pool's own, in its order.
  let header: [String]
  /// For each column of the header the source's, counted from 0.
  let places: [Int?]
  /// Of the source, counted from 0. Nil where it has no such column.
  let hashPlace: Int?
  let legacyPlace: Int?
  let usernamePlace: Int
  let contacts: [Contact]

  /// An address of the user's, and whether it is known to be theirs: where they stand in the source.
  struct Contact {
    let attribute: ContactAttribute
    let place: Int?
    let flagPlace: Int?
  }

  /// - Parameters:
  ///   - names: the source's columns: `username`, `password_hash`, `legacy_id`, and any of the header by its own name.
  ///   - header: the pool's, as `GetCSVHeader` gives it.
  ///   - legacyAttribute: what the pool has `legacy_id` as, `custom:legacy_id`.
  public init(
    _ names: [String], header: [String], legacyAttribute: String
  ) throws(ImportColumnsError) {
    var found: [String: Int] = [:]
    var unknown: [String] = []
    for (place, name) in names.enumerated() {
      let column =
        switch name {
        case "username": Self.username
        case "legacy_id": legacyAttribute
        default: name
        }
      guard found.updateValue(place, forKey: column) == nil else { throw .twice(name) }
      if column == Self.passwordHash || header.contains(column) { continue }
      guard name != "legacy_id" else { throw .noAttribute(legacyAttribute) }
      unknown.append(name)
    }
    guard unknown.isEmpty else { throw .unknown(unknown) }
    guard let username = found[Self.username] else { throw .noUsername }
    self.header = header
    places = header.map { $0 == Self.passwordHash ? nil : found[$0] }
    usernamePlace = username
    hashPlace = found[Self.passwordHash]
    legacyPlace = found[legacyAttribute]
    contacts = ContactAttribute.allCases.map {
      Contact(attribute: $0, place: found[$0.rawValue], flagPlace: found[$0.flag])
    }
  }

  /// The first line of a file.
  ///
  /// - Parameter hasHashes: whether it has the column of hashes in any case.
  public func headerLine(hasHashes: Bool) -> String {
    fileColumns(hasHashes: hasHashes).joined(separator: ",")
  }

  func fileColumns(hasHashes: Bool) -> [String] {
    hasHashes && !header.contains(Self.passwordHash) ? header + [Self.passwordHash] : header
  }
}

/// Why a source's columns make no file.
public enum ImportColumnsError: Error, Sendable, Equatable, CustomStringConvertible {
  /// There is no column `username`.
  case noUsername
  /// Two columns are the same.
  case twice(String)
  /// Columns that the pool has no attribute for.
  case unknown([String])
  /// The attribute for `legacy_id` is not there.
  case noAttribute(String)

  public var description: String {
    switch self {
    case .noUsername:
      "there is no column username (columns count by their names: SELECT login AS username, …)"
    case .twice(let name): "the column \(name) is there twice"
    case .unknown(let names):
      "the user pool has no attribute \(names.joined(separator: ", ")): leave the column out, or name it as "
        + "the pool does (custom attributes as \"custom:plan\")"
    case .noAttribute(let name):
      "the user pool has no attribute \(name) for legacy_id: add it (aws cognito-idp add-custom-attributes), "
        + "or name another with --legacy-attribute"
    }
  }
}
