import JSON

/// The claims that a token is to carry, as `cognito.claims_for_token` answers:
/// `{"id": {…}, "access": {…}, "suppress": […], "scopes": […]}`, each of which may be missing or null.
public struct TokenClaims: Sendable, Equatable {
  /// The most that is taken, in bytes of the whole answer. A token travels in a header of each request, and servers
  /// commonly end at 8 KiB for all of them.
  public static let sizeLimit = 8 * 1024

  /// One claim, whose value stays as it came.
  struct Claim: Sendable, Equatable {
    var name: JSONKey
    /// JSON.
    var value: [UInt8]

    /// All that version 1 of the event can carry.
    var isString: Bool { value.first == UInt8(ascii: "\"") }

    fileprivate var isNull: Bool { value.first == UInt8(ascii: "n") }
  }

  /// Of the ID token.
  private(set) var id: [Claim] = []
  /// Of the access token.
  private(set) var access: [Claim] = []
  /// Those that neither token is to have.
  private(set) var suppressed: [String] = []
  /// That the access token is to have besides.
  private(set) var scopes: [String] = []

  /// - Parameter text: the answer, JSON.
  public init(_ text: String) throws(TokenClaimsError) {
    let bytes = Array(text.utf8)
    guard bytes.count <= Self.sizeLimit else { throw .tooLong(bytes: bytes.count) }
    for member in try Self.members(of: bytes) {
      switch member.name {
      case "id": id = try Self.claims(of: member)
      case "access": access = try Self.claims(of: member)
      case "suppress": suppressed = try Self.names(of: member)
      case "scopes": scopes = try Self.names(of: member)
      default: throw .unknownMember
      }
    }
  }

  private static func claims(of member: Claim) throws(TokenClaimsError) -> [Claim] {
    member.isNull ? [] : try members(of: member.value)
  }

  private static func names(of member: Claim) throws(TokenClaimsError) -> [String] {
    guard !member.isNull else { return [] }
    guard let names = (try? JSONValue(parsing: member.value))?.strings else { throw .malformed }
    return names
  }

  /// - Parameter object: JSON.
  private static func members(of object: [UInt8]) throws(TokenClaimsError) -> [Claim] {
    var members: [Claim] = []
    do {
      var reader = try JSONReader(object)
      try reader.members { (reader, name) throws(JSONError) in
        members.append(Claim(name: name, value: Array(object[try reader.valueRange()])))
      }
      try reader.end()
    } catch {
      throw .malformed
    }
    return members
  }

  /// The name of a claim as it may stand in a log.
  public static func loggable(_ name: String) -> String {
    name.isLoggableName ? "'\(name)'" : name.loggableName
  }
}

/// Why an answer holds no claims that can be used; none quotes it.
public enum TokenClaimsError: Error, Sendable, Equatable, CustomStringConvertible {
  case tooLong(bytes: Int)
  /// Among others: a member of another type.
  case malformed
  /// A slip of the pen must not lose a claim in silence.
  case unknownMember

  public var description: String {
    switch self {
    case .tooLong(let bytes):
      "the claims are \(bytes) bytes, more than the \(TokenClaims.sizeLimit) that a token in a header has room for: "
        + "return fewer"
    case .malformed:
      "the answer must be an object of id and access, objects, and suppress and scopes, arrays of names"
    case .unknownMember:
      "the answer has a member other than id, access, suppress and scopes"
    }
  }
}
