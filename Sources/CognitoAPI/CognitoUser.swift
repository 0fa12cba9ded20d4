import Clock
import CognitoTriggers
import JSON

/// A user as Cognito's API describes it, or a file made from its answers.
public struct CognitoUser: Sendable, Equatable {
  /// Never empty.
  public var username: String
  /// By name; `sub` is one of them. Cognito's values are strings; a file's may be anything. Of two with the same
  /// name the last one counts.
  public var attributes: [JSONKey: JSONValue]
  /// `CONFIRMED`, `FORCE_CHANGE_PASSWORD`, …; nil where it is not said.
  public var status: String?
  /// nil where it is not said.
  public var isEnabled: Bool?
  /// nil where it is not said.
  public var createdAt: Timestamp?
  /// nil where it is not said.
  public var lastModifiedAt: Timestamp?

  /// The user's id within the pool; nil where it is not said, or not understandably.
  public var sub: Sub? { attributes["sub"]?.string.flatMap { Sub($0) } }

  /// Reads an element of `ListUsers`, or the answer of `AdminGetUser`, which gives the list of attributes another name.
  ///
  /// - Parameter reader: before a value; behind it afterwards.
  /// - Returns: why the value is no user, where that is so.
  /// - Throws: where the value is not JSON.
  public static func read(
    _ reader: inout JSONReader
  ) throws(JSONError) -> Result<CognitoUser, MalformedUser> {
    guard try reader.isAtObject() else {
      _ = try reader.value(isWanted: false)
      return .failure(.notAnObject)
    }
    var (username, status, isEnabled): (JSONValue?, JSONValue?, JSONValue?)
    var (createdAt, lastModifiedAt): (JSONValue?, JSONValue?)
    var attributes: [JSONKey: JSONValue]? = [:]
    try reader.members { (reader, key) throws(JSONError) in
      switch key {
      case "Attributes", "UserAttributes": attributes = try Self.attributes(of: &reader)
      case "Username": username = try reader.value()
      case "UserStatus": status = try reader.value()
      case "Enabled": isEnabled = try reader.value()
      case "UserCreateDate": createdAt = try reader.value()
      case "UserLastModifiedDate": lastModifiedAt = try reader.value()
      default: _ = try reader.value(isWanted: false)
      }
    }
    return Result { () throws(MalformedUser) in
      guard let attributes else { throw .member("Attributes") }
      return try CognitoUser(
        username: username, attributes: attributes, status: status, isEnabled: isEnabled,
        createdAt: createdAt, lastModifiedAt: lastModifiedAt)
    }
  }

  /// - Returns: nil when they are not what they should be.
  private static func attributes(
    of reader: inout JSONReader
  ) throws(JSONError) -> [JSONKey: JSONValue]? {
    guard try reader.isAtArray() else { return try reader.value() == .null ? [:] : nil }
    var attributes: [JSONKey: JSONValue] = [:]
    attributes.reserveCapacity(20)
    var isMalformed = false
    try reader.elements { (reader) throws(JSONError) in
      guard try reader.isAtObject() else {
        isMalformed = true
        _ = try reader.value(isWanted: false)
        return
      }
      var name: String?
      var value = JSONValue.null
      try reader.members { (reader, key) throws(JSONError) in
        switch key {
        case "Name": name = try reader.value().string
        case "Value": value = try reader.value()
        default: _ = try reader.value(isWanted: false)
        }
      }
      if let name { attributes[JSONKey(name)] = value } else { isMalformed = true }
    }
    return isMalformed ? nil : attributes
  }

  /// The members as they came; nil for one that did not.
  private init(
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
    case nil, .null: self.isEnabled = nil
    case .boolean(let boolean): self.isEnabled = boolean
    default: throw .member("Enabled")
    }
    self.createdAt = try Self.time(createdAt, of: "UserCreateDate")
    self.lastModifiedAt = try Self.time(lastModifiedAt, of: "UserLastModifiedDate")
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
