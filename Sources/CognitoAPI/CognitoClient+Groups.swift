import Clock
import JSON

extension CognitoClient {
  /// Makes a user a member of a group; one who is a member already remains one (`AdminAddUserToGroup`).
  ///
  /// - Parameter username: the user's name, or its `sub`.
  /// - Throws: `userNotFound`; `resourceNotFound` where there is no such group, or no such pool.
  public func addUser(
    _ username: String, toGroup group: String, in pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) {
    _ = try call(
      .addUserToGroup, ["Username": .string(username), "GroupName": .string(group)], in: pool,
      until: deadline)
  }

  /// Ends a user's membership of a group; where there is none, nothing happens
  /// (`AdminRemoveUserFromGroup`).
  ///
  /// - Parameter username: the user's name, or its `sub`.
  /// - Throws: `userNotFound`; `resourceNotFound` where there is no such group, or no such pool.
  public func removeUser(
    _ username: String, fromGroup group: String, in pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) {
    _ = try call(
      .removeUserFromGroup, ["Username": .string(username), "GroupName": .string(group)], in: pool,
      until: deadline)
  }

  /// The names of all groups that a user is a member of (`AdminListGroupsForUser`).
  ///
  /// - Parameters:
  ///   - username: the user's name, or its `sub`.
  ///   - deadline: for all pages together.
  /// - Throws: `userNotFound`, and `malformedAnswer` where an answer is none or the pages have no end.
  public func groups(
    of username: String, in pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) -> [String] {
    var names: [String] = []
    var token: String?
    var tokens = TokenLoop()
    repeat {
      var parameters: [JSONKey: JSONValue] = ["Username": .string(username), "Limit": .number(60)]
      if let token { parameters["NextToken"] = .string(token) }
      let answer = try call(.listGroupsForUser, parameters, in: pool, until: deadline)
      guard case .array(let groups)? = answer["Groups"] else {
        throw .malformedAnswer(.listGroupsForUser)
      }
      for group in groups {
        guard let name = group.object?["GroupName"]?.string else {
          throw .malformedAnswer(.listGroupsForUser)
        }
        names.append(name)
      }
      token = try Self.nextToken(answer["NextToken"], of: .listGroupsForUser)
      if let token, tokens.closes(with: token) { throw .malformedAnswer(.listGroupsForUser) }
    } while token != nil
    return names
  }

  /// Makes a group without members (`CreateGroup`).
  ///
  /// - Parameter name: 1 to 128 characters, none of them white space.
  /// - Throws: `groupExists` where there is one; also when an attempt whose answer was lost made it.
  public func createGroup(
    _ name: String, in pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) {
    _ = try call(.createGroup, ["GroupName": .string(name)], in: pool, until: deadline)
  }
}
