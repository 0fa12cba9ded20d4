import JSON

/// The answer to a pre token generation event that gives the tokens other groups.
///
/// Everything else of the event stays as it came, byte for byte.
///
/// - Source: Amazon Cognito Developer Guide, "Pre token generation Lambda trigger"
///   (`user-pool-lambda-pre-token-generation`). The answer's `groupOverrideDetails` replaces all that the
///   tokens would say of groups, IAM roles included: these stay where they are copied from the request's
///   `groupConfiguration`. Version 1 of the event has it in `claimsOverrideDetails`, versions 2 and 3 in
///   `claimsAndScopeOverrideDetails`.
public struct GroupOverride: Sendable {
  private let event: [UInt8]
  private let place: JSONPlace
  /// What is kept of `groupConfiguration`, as it came: members, each after a comma.
  private let keptMembers: [UInt8]
  /// The groups of Cognito's that the tokens keep.
  private let keptGroups: [String]

  /// - Parameters:
  ///   - event: the event's JSON in UTF-8, of one of the sources that have groups.
  ///   - kept: which of Cognito's groups stay; nil: none.
  public init(_ event: [UInt8], keeping kept: KeptGroups? = nil) throws(GroupOverrideError) {
    let reader: JSONReader
    let details: Details
    do {
      reader = try JSONReader(event, allowsByteOrderMark: true)
      details = try Details(of: reader)
    } catch {
      throw .malformed
    }
    self.event = event
    place = try Self.place(of: ["response", details.key, "groupOverrideDetails"], in: reader)
    var members: [UInt8] = []
    for name: JSONKey in ["iamRolesToOverride", "preferredRole"] {
      guard let value = try Self.groupConfiguration(name, of: event, reader) else { continue }
      members += ",\"\(name)\":".utf8
      members += value
    }
    keptMembers = members
    var groups: [String] = []
    if let kept, let value = try Self.groupConfiguration("groupsToOverride", of: event, reader),
      case .array(let names)? = try? JSONValue(parsing: Array(value))
    {
      groups = names.compactMap(\.string).filter(kept.contains)
    }
    keptGroups = groups
  }

  /// - Parameter groups: the names, in the order in which the tokens shall have them; may be empty. With
  ///   groups that are kept beside them all are sorted by their bytes, as the database sorts, each once.
  /// - Returns: the event with them in its response.
  public func answer(groups: [String]) -> [UInt8] {
    var details = Array("{\"groupsToOverride\":".utf8)
    details += JSONValue.array(withKept(groups).map(JSONValue.string)).jsonText.utf8
    details += keptMembers
    details.append(UInt8(ascii: "}"))
    return place.text(event, with: details) ?? event
  }

  private func withKept(_ groups: [String]) -> [String] {
    guard !keptGroups.isEmpty else { return groups }
    var all: [String] = []
    for name in (groups + keptGroups).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    where all.last?.utf8.elementsEqual(name.utf8) != true {
      all.append(name)
    }
    return all
  }

  /// - Returns: the bytes of that member; nil where it is not there.
  private static func groupConfiguration(
    _ name: JSONKey, of event: [UInt8], _ reader: JSONReader
  ) throws(GroupOverrideError) -> ArraySlice<UInt8>? {
    let place = try place(of: ["request", "groupConfiguration", name], in: reader)
    guard case .present(let range) = place else { return nil }
    return event[range]
  }

  private static func place(
    of path: [JSONKey], in reader: JSONReader
  ) throws(GroupOverrideError) -> JSONPlace {
    let place: JSONPlace
    do {
      place = try JSONPlace(of: path, in: reader)
    } catch {
      throw .malformed
    }
    guard place != .obstructed else { throw .malformed }
    return place
  }
}

/// The member of `response` that has the override.
private enum Details {
  case claims
  case claimsAndScope

  var key: JSONKey {
    switch self {
    case .claims: "claimsOverrideDetails"
    case .claimsAndScope: "claimsAndScopeOverrideDetails"
    }
  }

  /// What `response` has already decides: emulators send a `version` that does not go with it. With neither
  /// member there, or both, the version does, and one that is not known counts as 1.
  ///
  /// - Parameter reader: at the beginning of the event.
  init(of reader: JSONReader) throws(JSONError) {
    var reader = reader
    var version: String?
    var (hasClaims, hasClaimsAndScope) = (false, false)
    try reader.members { (reader, key) throws(JSONError) in
      switch key {
      case "version": version = Self.text(ofVersion: try reader.value())
      case "response":
        // Of several the last counts.
        (hasClaims, hasClaimsAndScope) = (false, false)
        guard try reader.isAtObject() else {
          _ = try reader.value(isWanted: false)
          return
        }
        try reader.members { (reader, key) throws(JSONError) in
          _ = try reader.value(isWanted: false)
          switch key {
          case Details.claims.key: hasClaims = true
          case Details.claimsAndScope.key: hasClaimsAndScope = true
          default: break
          }
        }
      default: _ = try reader.value(isWanted: false)
      }
    }
    self =
      switch (hasClaims, hasClaimsAndScope) {
      case (true, false): .claims
      case (false, true): .claimsAndScope
      case (true, true), (false, false): ["2", "3"].contains(version) ? .claimsAndScope : .claims
      }
  }

  /// Documented as a string; numbers have been seen.
  private static func text(ofVersion value: JSONValue) -> String? {
    switch value {
    case .string(let text): text
    case .number(let number): number.text
    default: nil
    }
  }
}

/// Why an event cannot be answered with other groups; none quotes it.
public enum GroupOverrideError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Among others: a `response` or a `groupConfiguration` that is neither an object nor null.
  case malformed

  public var description: String { "the token event has not the form that Cognito documents" }
}
