import CognitoAPI
import Foundation
import JSON

extension MotoServer {
  /// - Parameters:
  ///   - name: says what an import does, as import_jobs.py has it.
  ///   - customAttributes: without `custom:`.
  ///   - verifying: `email`, `phone_number`; an import needs one.
  public func createUserPool(
    _ name: String = "test", customAttributes: [String] = ["userId"], verifying: [String] = []
  ) throws -> UserPoolID {
    let schema = customAttributes.map { name in
      JSONValue.object([
        "Name": .string(name), "AttributeDataType": .string("String"), "Mutable": .boolean(true),
      ])
    }
    let answer = try call(
      "CreateUserPool",
      [
        "PoolName": .string(name), "Schema": .array(schema),
        "AutoVerifiedAttributes": .array(verifying.map { .string($0) }),
      ])
    guard let id = answer["UserPool"]?.object?["Id"]?.string, let pool = UserPoolID(id) else {
      throw TestEnvironment.Missing(description: "moto made no pool")
    }
    return pool
  }

  /// Makes a user as an administrator would.
  @discardableResult
  public func createUser(
    _ username: String = UUID().uuidString.lowercased(), attributes: [String: String] = [:],
    in pool: UserPoolID
  ) throws -> (username: String, sub: String) {
    let answer = try call(
      "AdminCreateUser",
      [
        "UserPoolId": .string(pool.text), "Username": .string(username),
        "UserAttributes": list(attributes), "MessageAction": .string("SUPPRESS"),
      ])
    guard let user = answer["User"], let sub = try CognitoUser(user).attributes["sub"]?.string
    else { throw TestEnvironment.Missing(description: "moto made no user") }
    return (username, sub)
  }

  public func deleteUser(_ username: String, in pool: UserPoolID) throws {
    try call(
      "AdminDeleteUser", ["UserPoolId": .string(pool.text), "Username": .string(username)])
  }

  /// - Returns: the id of an app client that takes user names and passwords.
  public func createClient(in pool: UserPoolID) throws -> String {
    let answer = try call(
      "CreateUserPoolClient",
      [
        "UserPoolId": .string(pool.text), "ClientName": .string("test"),
        "ExplicitAuthFlows": .array([.string("ALLOW_USER_PASSWORD_AUTH")]),
      ])
    guard let id = answer["UserPoolClient"]?.object?["ClientId"]?.string else {
      throw TestEnvironment.Missing(description: "moto made no client")
    }
    return id
  }

  /// Signs somebody up, as they would themselves.
  public func signUp(
    _ username: String, password: String, attributes: [String: String], client: String
  ) throws {
    try call(
      "SignUp",
      [
        "ClientId": .string(client), "Username": .string(username),
        "Password": .string(password), "UserAttributes": list(attributes),
      ])
  }

  /// Confirms a sign-up; moto takes any code.
  public func confirmSignUp(_ username: String, client: String) throws {
    try call(
      "ConfirmSignUp",
      [
        "ClientId": .string(client), "Username": .string(username),
        "ConfirmationCode": .string("123456"),
      ])
  }

  /// - Returns: the access token.
  public func signIn(_ username: String, password: String, client: String) throws -> String {
    try tokens(username, password: password, client: client).access
  }

  /// Signs somebody in.
  public func tokens(
    _ username: String, password: String, client: String
  ) throws -> (access: String, id: String) {
    let answer = try call(
      "InitiateAuth",
      [
        "ClientId": .string(client), "AuthFlow": .string("USER_PASSWORD_AUTH"),
        "AuthParameters": .object([
          "USERNAME": .string(username), "PASSWORD": .string(password),
        ]),
      ])
    let tokens = answer["AuthenticationResult"]?.object
    guard let access = tokens?["AccessToken"]?.string, let id = tokens?["IdToken"]?.string else {
      throw TestEnvironment.Missing(description: "moto let nobody in")
    }
    return (access, id)
  }

  /// Changes attributes as the user would, in the account page.
  public func updateOwnAttributes(_ attributes: [String: String], accessToken: String) throws {
    try call(
      "UpdateUserAttributes",
      ["AccessToken": .string(accessToken), "UserAttributes": list(attributes)])
  }

  public func resetPassword(_ username: String, in pool: UserPoolID) throws {
    try call(
      "AdminResetUserPassword",
      ["UserPoolId": .string(pool.text), "Username": .string(username)])
  }

  /// A user as `AdminGetUser` shows it.
  public func user(_ username: String, in pool: UserPoolID) throws -> CognitoUser {
    try CognitoUser(
      .object(
        try call(
          "AdminGetUser", ["UserPoolId": .string(pool.text), "Username": .string(username)])))
  }

  public func setEnabled(_ isEnabled: Bool, _ username: String, in pool: UserPoolID) throws {
    try call(
      isEnabled ? "AdminEnableUser" : "AdminDisableUser",
      ["UserPoolId": .string(pool.text), "Username": .string(username)])
  }

  public func createGroup(_ name: String, in pool: UserPoolID) throws {
    try call("CreateGroup", ["UserPoolId": .string(pool.text), "GroupName": .string(name)])
  }

  public func addUser(_ username: String, toGroup group: String, in pool: UserPoolID) throws {
    try call(
      "AdminAddUserToGroup",
      [
        "UserPoolId": .string(pool.text), "Username": .string(username),
        "GroupName": .string(group),
      ])
  }

  public func setAttributes(
    _ attributes: [String: String], of username: String, in pool: UserPoolID
  ) throws {
    try call(
      "AdminUpdateUserAttributes",
      [
        "UserPoolId": .string(pool.text), "Username": .string(username),
        "UserAttributes": list(attributes),
      ])
  }

  /// The names of a user's groups.
  public func groups(of username: String, in pool: UserPoolID) throws -> Set<String> {
    try names(
      "AdminListGroupsForUser",
      ["UserPoolId": .string(pool.text), "Username": .string(username)])
  }

  /// The names of all groups of a pool.
  public func groups(in pool: UserPoolID) throws -> Set<String> {
    try names("ListGroups", ["UserPoolId": .string(pool.text)])
  }

  public func attributes(of username: String, in pool: UserPoolID) throws -> [String: String] {
    let attributes = try user(username, in: pool).attributes.compactMapValues(\.string)
    return Dictionary(uniqueKeysWithValues: attributes.map { ($0.key.text, $0.value) })
  }

  /// Over every page.
  private func names(
    _ operation: String, _ parameters: [JSONKey: JSONValue]
  ) throws -> Set<String> {
    var names: Set<String> = []
    var parameters = parameters
    repeat {
      let answer = try call(operation, parameters)
      guard case .array(let groups)? = answer["Groups"] else {
        throw TestEnvironment.Missing(description: "moto listed no groups")
      }
      names.formUnion(groups.compactMap { $0.object?["GroupName"]?.string })
      parameters["NextToken"] = answer["NextToken"]
    } while parameters["NextToken"]?.string != nil
    return names
  }
}

/// Attributes as Cognito's API takes them.
private func list(_ attributes: [String: String]) -> JSONValue {
  .array(
    attributes.sorted { $0.key < $1.key }.map { attribute in
      .object(["Name": .string(attribute.key), "Value": .string(attribute.value)])
    })
}
