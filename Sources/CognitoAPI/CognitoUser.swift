import Deadline
import JSON

/// A user as Cognito's API describes it, or a file that was made of its answers.
public struct CognitoUser: Sendable, Equatable {
  public var username: String
  /// By name; `sub` is one. Cognito has strings only; a file may hold what it likes. Of two with one
  /// name the last is taken.
  public var attributes: [JSONKey: JSONValue]
  /// `CONFIRMED`, `FORCE_CHANGE_PASSWORD`, …; nil where it is not said.
  public var status: String?
  public var isEnabled: Bool
  public var createdAt: Timestamp?
  public var lastModifiedAt: Timestamp?

  /// Reads an element of `ListUsers`, or the answer of `AdminGetUser`, which names the list otherwise.
  public init(_ value: JSONValue) throws(MalformedUser) {
    guard let members = value.object else { throw .notAnObject }
    try self.init(
      username: members["Username"],
      attributes: try Self.attributes(in: members["Attributes"] ?? members["UserAttributes"]),
      status: members["UserStatus"], isEnabled: members["Enabled"],
      createdAt: members["UserCreateDate"], lastModifiedAt: members["UserLastModifiedDate"])
  }

  /// The members as they came; nil for one that did not.
  init(
    username: JSONValue?, attributes: [JSONKey: JSONValue], status: JSONValue?,
    isEnabled: JSONValue?, createdAt: JSONValue?, lastModifiedAt: JSONValue?
  ) throws(MalformedUser) {
    guard let username = username?.string, !username.isEmpty else {
      throw .member("Username")
    }
    self.username = username
    self.attributes = attributes
    switch status {
    case nil, .null: self.status = nil
    case .string(let text): self.status = text
    default: throw .member("UserStatus")
    }
    switch isEnabled {
    case nil, .null: self.isEnabled = true
    case .boolean(let boolean): self.isEnabled = boolean
    default: throw .member("Enabled")
    }
    self.createdAt = try Self.time(createdAt, of: "UserCreateDate")
    self.lastModifiedAt = try Self.time(lastModifiedAt, of: "UserLastModifiedDate")
  }

  private static func attributes(
    in value: JSONValue?
  ) throws(MalformedUser) -> [JSONKey: JSONValue] {
    let list: [JSONValue]
    switch value {
    case nil, .null: list = []
    case .array(let array): list = array
    default: throw .member("Attributes")
    }
    var attributes: [JSONKey: JSONValue] = [:]
    for attribute in list {
      guard let members = attribute.object, let name = members["Name"]?.string else {
        throw .member("Attributes")
      }
      attributes[JSONKey(name)] = members["Value"] ?? .null
    }
    return attributes
  }

  private static func time(
    _ value: JSONValue?, of name: String
  ) throws(MalformedUser) -> Timestamp? {
    let time: Timestamp?
    switch value {
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
