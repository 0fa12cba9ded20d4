import Deadline
import JSON

/// A user as Cognito's API describes it, or a file that was made of its answers.
public struct CognitoUser: Sendable, Equatable {
  public var username: String
  /// By name; `sub` is one. Cognito has strings only; a file may hold what it likes. Of two with one
  /// name the last is taken.
  public var attributes: [String: JSONValue]
  /// `CONFIRMED`, `FORCE_CHANGE_PASSWORD`, …; nil where it is not said.
  public var status: String?
  public var isEnabled: Bool
  public var createdAt: Timestamp?
  public var lastModifiedAt: Timestamp?

  /// Reads an element of `ListUsers`, or the answer of `AdminGetUser`, which names the list otherwise.
  public init(_ value: JSONValue) throws(MalformedUser) {
    guard let members = value.object else { throw .notAnObject }
    try self.init(
      members: members,
      attributes: try Self.attributes(in: members["Attributes"] ?? members["UserAttributes"]))
  }

  /// - Parameter members: beside the attributes.
  init(
    members: [String: JSONValue], attributes: [String: JSONValue]
  ) throws(MalformedUser) {
    guard let username = members["Username"]?.string, !username.isEmpty else {
      throw .member("Username")
    }
    self.username = username
    self.attributes = attributes
    switch members["UserStatus"] {
    case nil, .null: status = nil
    case .string(let text): status = text
    default: throw .member("UserStatus")
    }
    switch members["Enabled"] {
    case nil, .null: isEnabled = true
    case .boolean(let boolean): isEnabled = boolean
    default: throw .member("Enabled")
    }
    createdAt = try Self.time("UserCreateDate", in: members)
    lastModifiedAt = try Self.time("UserLastModifiedDate", in: members)
  }

  private static func attributes(
    in value: JSONValue?
  ) throws(MalformedUser) -> [String: JSONValue] {
    let list: [JSONValue]
    switch value {
    case nil, .null: list = []
    case .array(let array): list = array
    default: throw .member("Attributes")
    }
    var attributes: [String: JSONValue] = [:]
    for attribute in list {
      guard let members = attribute.object, let name = members["Name"]?.string else {
        throw .member("Attributes")
      }
      attributes[name] = members["Value"] ?? .null
    }
    return attributes
  }

  private static func time(
    _ name: String, in members: [String: JSONValue]
  ) throws(MalformedUser) -> Timestamp? {
    let time: Timestamp?
    switch members[name] {
    case nil, .null: return nil
    case .number(let number): time = Timestamp(epochSeconds: number.text)
    case .string(let text): time = Timestamp(iso8601: text)
    default: time = nil
    }
    guard let time else { throw .member(name) }
    return time
  }
}

/// Why a JSON value is no user. It says where, and never what is there.
public enum MalformedUser: Error, Sendable, Equatable, CustomStringConvertible {
  case notAnObject
  /// Missing, or not what it should be.
  case member(String)

  public var description: String {
    switch self {
    case .notAnObject: "not a user: no JSON object"
    case .member(let name): "not a user: \(name) is missing or not what it should be"
    }
  }
}
