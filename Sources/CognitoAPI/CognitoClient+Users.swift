import Deadline
import JSON

extension CognitoClient {
  /// Sets attributes of a user, and leaves the others as they are (`AdminUpdateUserAttributes`).
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
  public func user(
    _ username: String, in pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) -> CognitoUser {
    let answer = try call(.getUser, ["Username": .string(username)], in: pool, until: deadline)
    guard let user = try? CognitoUser(.object(answer)) else { throw .malformedAnswer(.getUser) }
    return user
  }

  /// One page of a pool's users, in an order of Cognito's own (`ListUsers`).
  ///
  /// - Parameters:
  ///   - limit: at most so many users, 1 to 60; a page may hold fewer, and none, before the last.
  ///   - token: of the page before; nil for the first.
  public func listUsers(
    in pool: UserPoolID, limit: Int = 60, after token: String? = nil, until deadline: Deadline
  ) throws(CognitoError) -> UserPage {
    var parameters: [JSONKey: JSONValue] = ["Limit": .number(JSONNumber(limit))]
    if let token { parameters["PaginationToken"] = .string(token) }
    let answer = try call(.listUsers, parameters, in: pool, until: deadline)
    guard case .array(let users)? = answer["Users"] else { throw .malformedAnswer(.listUsers) }
    return UserPage(
      users: users.map { value in
        Result { () throws(MalformedUser) in try CognitoUser(value) }
      },
      nextToken: try nextToken("PaginationToken", in: answer, of: .listUsers))
  }

  /// - Returns: nil when this page was the last.
  func nextToken(
    _ name: JSONKey, in answer: [JSONKey: JSONValue], of operation: CognitoOperation
  ) throws(CognitoError) -> String? {
    switch answer[name] {
    case nil, .null: return nil
    case .string(let token): return token.isEmpty ? nil : token
    // To stop here would pass for the end of the list.
    default: throw .malformedAnswer(operation)
    }
  }
}

/// A page of `ListUsers`.
public struct UserPage: Sendable {
  /// In Cognito's order; one that cannot be read does not hide the others.
  public var users: [Result<CognitoUser, MalformedUser>]
  /// For the next page; nil when there is none.
  public var nextToken: String?
}
