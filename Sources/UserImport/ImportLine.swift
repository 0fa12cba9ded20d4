import CognitoTriggers

extension ImportColumns {
  /// - Source: Amazon Cognito Developer Guide, "Formatting the CSV file". What a character is, it does not say.
  private static let lineLimit = 16_000

  /// A user's line in a file, without its end.
  ///
  /// - Parameters:
  ///   - values: of the source's columns.
  ///   - hash: in Cognito's own form; nil where the file has no hashes.
  public func line(of values: [String?], hash: String?) throws(UnwritableValue) -> String {
    var values = values
    // Of nothing nothing is verified: Cognito refuses a user for it.
    for contact in contacts where Self.isEmpty(contact.place, of: values) {
      if let place = contact.flagPlace, values.indices.contains(place) { values[place] = nil }
    }
    var fields: [String] = []
    for (column, place) in zip(header, places) {
      let value = column == Self.passwordHash ? hash : Self.value(place, of: values)
      fields.append(try Self.field(value ?? "", of: column))
    }
    if let hash, !header.contains(Self.passwordHash) {
      fields.append(try Self.field(hash, of: Self.passwordHash))
    }
    let line = fields.joined(separator: ",")
    guard line.utf16.count <= Self.lineLimit else { throw UnwritableValue("the row", .tooLong) }
    return line
  }

  /// Whether Cognito knows where to reach the user: its import takes nobody else.
  ///
  /// - Parameter verified: what the pool verifies.
  /// - Throws: where a flag is neither empty nor a boolean, which must not count as false: whole tables have a time there.
  /// - Source: Amazon Cognito Developer Guide, "Formatting the CSV file": at least one of the attributes that a pool
  ///   verifies must be so.
  func isReachable(
    _ values: [String?], by verified: Set<ContactAttribute>
  ) throws(UnwritableValue) -> Bool {
    var isReachable = false
    for contact in contacts {
      guard let flag = Self.value(contact.flagPlace, of: values), !flag.isEmpty else { continue }
      guard let isVerified = Self.boolean(flag) else {
        throw UnwritableValue(contact.attribute.flag, .noBoolean)
      }
      guard isVerified, verified.contains(contact.attribute) else { continue }
      isReachable = isReachable || !Self.isEmpty(contact.place, of: values)
    }
    return isReachable
  }

  /// The user's id in the old system; nil where there is none.
  public func legacyID(of values: [String?]) -> String? {
    Self.value(legacyPlace, of: values).flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The user's name at sign-in; empty where there is none, which no line can be made of.
  public func username(of values: [String?]) -> String {
    Self.value(usernamePlace, of: values) ?? ""
  }

  /// By what somebody may be known who is there already; either is enough. Who signed up by themselves has no `legacy_id`.
  public func keys(of values: [String?]) -> [ImportKey] {
    [legacyID(of: values).map(ImportKey.legacyID), .username(username(of: values))]
      .compactMap { $0 }
  }

  func passwordHash(of values: [String?]) -> String? {
    Self.value(hashPlace, of: values).flatMap { $0.isEmpty ? nil : $0 }
  }

  /// What the old system calls the user of a line: `legacy_id`, by which a failure is told.
  ///
  /// - Parameter hasHashes: as the file's header has been made with.
  public func legacyID(ofLine line: String, hasHashes: Bool, legacyAttribute: String) -> String? {
    guard legacyPlace != nil, let index = header.firstIndex(of: legacyAttribute) else { return nil }
    let fields = Self.fields(of: line)
    guard fields.count == fileColumns(hasHashes: hasHashes).count, fields.indices.contains(index)
    else { return nil }
    return fields[index].isEmpty ? nil : fields[index]
  }

  private static func isEmpty(_ place: Int?, of values: [String?]) -> Bool {
    value(place, of: values)?.isEmpty ?? true
  }

  private static func value(_ place: Int?, of values: [String?]) -> String? {
    guard let place, values.indices.contains(place) else { return nil }
    return values[place]
  }

  // MARK: Fields

  private static func field(_ value: String, of column: String) throws(UnwritableValue) -> String {
    // A comma can be escaped, and nothing else.
    for character in value.unicodeScalars {
      switch character.value {
      case ..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: throw UnwritableValue(column, .control)
      case 0x5C: throw UnwritableValue(column, .backslash)
      case 0x22: throw UnwritableValue(column, .quote)
      default: break
      }
    }
    switch column {
    case username:
      guard !value.isEmpty else { throw UnwritableValue("username", .empty) }
      guard !value.contains(where: \.isWhitespace) else {
        throw UnwritableValue("username", .blank)
      }
    case "email_verified", "phone_number_verified", "cognito:mfa_enabled":
      // Blank is what the pool requires of MFA; a false would be wrong in one that requires it.
      guard !value.isEmpty else { return column == "cognito:mfa_enabled" ? "" : "false" }
      guard let boolean = boolean(value) else { throw UnwritableValue(column, .noBoolean) }
      return boolean ? "true" : "false"
    default: break
    }
    guard
      value.isEmpty || column == passwordHash || AttributeForm.isTaken(value, as: column)
    else {
      throw UnwritableValue(column, .form)
    }
    if column == "birthdate" { return birthdate(value) }
    return value.contains(",")
      ? value.split(separator: ",", omittingEmptySubsequences: false).joined(separator: "\\,")
      : value
  }

  /// The inverse.
  private static func fields(of line: String) -> [String] {
    var fields = [""]
    var isEscaped = false
    for character in line.unicodeScalars {
      if isEscaped || (character != "," && character != "\\") {
        fields[fields.count - 1].unicodeScalars.append(character)
        isEscaped = false
      } else if character == "," {
        fields.append("")
      } else {
        isEscaped = true
      }
    }
    return fields
  }

  /// As PostgreSQL writes it, and as files have it.
  private static func boolean(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "t", "true", "1", "yes": true
    case "f", "false", "0", "no": false
    default: nil
    }
  }

  /// - Source: Amazon Cognito Developer Guide, "Formatting the CSV file": `mm/dd/yyyy`.
  private static func birthdate(_ value: String) -> String {
    let parts = value.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy({ Int($0) != nil }) else {
      return value
    }
    return "\(parts[1])/\(parts[2])/\(parts[0])"
  }
}

/// Who a user is, as far as the old system and the new one agree.
public enum ImportKey: Sendable, Hashable {
  case legacyID(String)
  case username(String)
}

/// A value that no line of a file can hold, or that Cognito takes from nobody. It is not told.
public struct UnwritableValue: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Fault: String, Sendable {
    case control = "holds a line end or another control character"
    case backslash = "holds a backslash, which the file's format cannot hold"
    case quote = "holds a quotation mark, which the file's format cannot hold"
    case empty = "is empty"
    case blank = "holds white space"
    case noBoolean =
      "is neither true nor false (of a time: email_verified_at IS NOT NULL AS email_verified)"
    case form =
      "has not the form that Cognito takes (as ada@example.com, +4930123456, 1990-02-01; of 2,048 characters at most)"
    case tooLong = "is longer than 16,000 characters"
    case noText = "is not UTF-8"
  }

  /// The pool's.
  public var column: String
  public var fault: Fault

  public init(_ column: String, _ fault: Fault) {
    self.column = column
    self.fault = fault
  }

  public var description: String { "\(column) \(fault.rawValue)" }
}
