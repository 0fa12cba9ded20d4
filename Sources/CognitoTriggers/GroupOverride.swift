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

  /// - Parameter event: the event's JSON in UTF-8, of one of the sources that have groups.
  public init(_ event: [UInt8]) throws(GroupOverrideError) {
    let reader: JSONReader
    do {
      reader = try JSONReader(event, allowsByteOrderMark: true)
    } catch {
      throw .malformed
    }
    guard let details = Self.details(ofVersion: try Self.version(of: event, reader)) else {
      throw .unknownVersion
    }
    self.event = event
    place = try Self.place(of: ["response", details, "groupOverrideDetails"], in: reader)
    var members: [UInt8] = []
    for name: JSONKey in ["iamRolesToOverride", "preferredRole"] {
      let place = try Self.place(of: ["request", "groupConfiguration", name], in: reader)
      guard case .present(let range) = place else { continue }
      members += ",\"\(name)\":".utf8
      members += event[range]
    }
    keptMembers = members
  }

  /// - Parameter groups: the names, in the order in which the tokens shall have them; may be empty.
  /// - Returns: the event with them in its response.
  public func answer(groups: [String]) -> [UInt8] {
    var details = Array("{\"groupsToOverride\":".utf8)
    details += JSONValue.array(groups.map(JSONValue.string)).jsonText.utf8
    details += keptMembers
    details.append(UInt8(ascii: "}"))
    return place.text(event, with: details) ?? event
  }

  /// Where the version has the override; nil for a version that was not known when this was written.
  private static func details(ofVersion version: String?) -> JSONKey? {
    switch version {
    case "1": "claimsOverrideDetails"
    case "2", "3": "claimsAndScopeOverrideDetails"
    default: nil
    }
  }

  /// Documented as a string; numbers have been seen.
  private static func version(
    of event: [UInt8], _ reader: JSONReader
  ) throws(GroupOverrideError) -> String? {
    guard case .present(let range) = try place(of: ["version"], in: reader) else { return nil }
    switch try? JSONValue(parsing: Array(event[range])) {
    case .string(let text): return text
    case .number(let number): return number.text
    default: return nil
    }
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

/// Why an event cannot be answered with other groups; none quotes it.
public enum GroupOverrideError: Error, Sendable, Equatable, CustomStringConvertible {
  case unknownVersion
  /// Among others: a `response` or a `groupConfiguration` that is neither an object nor null.
  case malformed

  public var description: String {
    switch self {
    case .unknownVersion: "the token event's version is none of 1, 2 and 3"
    case .malformed: "the token event has not the form that Cognito documents"
    }
  }
}
