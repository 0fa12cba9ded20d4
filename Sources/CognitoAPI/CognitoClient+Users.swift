import Clock
import CognitoTriggers
import JSON

extension CognitoClient {
  /// Sets attributes of a user, and leaves the others as they are (`AdminUpdateUserAttributes`).
  ///
  /// - Parameters:
  ///   - attributes: each by its full name, as `custom:userId`; an empty value deletes the attribute.
  ///   - username: the user's name, or its `sub`.
  /// - Throws: `userNotFound`; `invalidParameter` where the pool has no such attribute, or refuses the value.
  public func updateAttributes(
    _ attributes: [(name: String, value: String)], of username: String, in pool: UserPoolID,
    until deadline: Deadline
  ) throws(CognitoError) {
    let list = attributes.map { attribute in
      JSONValue.object(["Name": .string(attribute.name), "Value": .string(attribute.value)])
    }
    _ = try call(
      .updateAttributes, ["Username": .string(username), "UserAttributes": .array(list)], in: pool,
      until: deadline)
  }

  /// A user as Cognito has it (`AdminGetUser`).
  ///
  /// - Parameter username: the user's name, or its `sub`.
  /// - Throws: `userNotFound`, and `malformedAnswer` where the answer describes no user.
  public func user(
    _ username: String, in pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) -> CognitoUser {
    let body = try body(of: .getUser, ["Username": .string(username)], in: pool, until: deadline)
    do {
      var reader = try JSONReader(body)
      return try CognitoUser.read(&reader).get()
    } catch {
      throw .malformedAnswer(.getUser)
    }
  }

  /// The name of the user with this `sub` (`ListUsers` with a filter), by a listing that may lag behind.
  ///
  /// - Returns: nil where no such user is listed.
  public func userName(
    of sub: Sub, in pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) -> String? {
    var token: String?
    var tokens = TokenLoop()
    repeat {
      // A page may be empty, and not the last.
      let page = try listUsers(
        in: pool, filter: "sub = \"\(sub)\"", after: token, until: deadline)
      for case .success(let user) in page.users where user.sub == sub {
        return user.username
      }
      token = page.nextToken
      if let token, tokens.closes(with: token) { throw .malformedAnswer(.listUsers) }
    } while token != nil
    return nil
  }

  /// One page of a pool's users, in an order of Cognito's own (`ListUsers`).
  ///
  /// - Parameters:
  ///   - filter: in Cognito's own language, as `sub = "…"`; nil: all.
  ///   - limit: at most so many users, 1 to 60; a page may hold fewer, and none, before the last.
  ///   - token: of the page before; nil for the first.
  /// - Throws: `invalidParameter` where the token is none, or has expired; `malformedAnswer` where the answer is no page.
  public func listUsers(
    in pool: UserPoolID, filter: String? = nil, limit: Int = 60, after token: String? = nil,
    until deadline: Deadline
  ) throws(CognitoError) -> UserPage {
    var parameters: [JSONKey: JSONValue] = ["Limit": .number(JSONNumber(limit))]
    if let filter { parameters["Filter"] = .string(filter) }
    if let token { parameters["PaginationToken"] = .string(token) }
    let body = try body(of: .listUsers, parameters, in: pool, until: deadline)
    do {
      return try UserPage.read(body)
    } catch {
      throw .malformedAnswer(.listUsers)
    }
  }
}

/// A page of `ListUsers`.
public struct UserPage: Sendable {
  /// In Cognito's order; one that cannot be read does not hide the others.
  public var users: [Result<CognitoUser, MalformedUser>]
  /// For the next page; nil when there is none.
  public var nextToken: String?

  /// - Throws: when `body` is no answer of `ListUsers`.
  fileprivate static func read(_ body: [UInt8]) throws -> UserPage {
    var reader = try JSONReader(body)
    var users: [Result<CognitoUser, MalformedUser>]?
    var token = JSONValue.null
    try reader.members { (reader, key) throws(JSONError) in
      switch key {
      case "Users":
        users = []
        try reader.elements { (reader) throws(JSONError) in
          users?.append(try CognitoUser.read(&reader))
        }
      case "PaginationToken": token = try reader.value()
      default: _ = try reader.value(isWanted: false)
      }
    }
    try reader.end()
    guard let users else { throw CognitoError.malformedAnswer(.listUsers) }
    return UserPage(users: users, nextToken: try CognitoClient.nextToken(token, of: .listUsers))
  }
}

/// The full name of a custom attribute, as `custom:userId`.
///
/// Source: Amazon Cognito Developer Guide, "Working with user attributes": a name has 1 to 20 characters.
public struct CustomAttribute: Sendable, Equatable, CustomStringConvertible {
  private static let prefix = "custom:"
  private static let lengths = 1...20

  /// With `custom:`.
  public let name: String

  /// What the template's user pool calls the id of a user's row.
  public static let userID = CustomAttribute(own: "userId")

  /// What an imported user's id in the old system is called, where nothing else is said.
  public static let legacyID = CustomAttribute(own: "legacy_id")

  public var description: String { name }

  private init(own: String) {
    name = Self.prefix + own
  }

  /// - Parameter name: with `custom:`.
  /// - Returns: nil where it is not a name that a user pool could have.
  public init?(_ name: String) {
    let own = name.dropFirst(Self.prefix.count)
    guard name.hasPrefix(Self.prefix), Self.lengths.contains(own.count),
      !own.contains(where: \.isWhitespace)
    else { return nil }
    self.name = name
  }
}
