/// A call of Cognito's API. The raw value is its name there, and in the IAM action `cognito-idp:NAME`.
public enum CognitoOperation: String, Sendable, CaseIterable {
  case updateAttributes = "AdminUpdateUserAttributes"
  case addUserToGroup = "AdminAddUserToGroup"
  case removeUserFromGroup = "AdminRemoveUserFromGroup"
  case listGroupsForUser = "AdminListGroupsForUser"
  case createGroup = "CreateGroup"
  case getUser = "AdminGetUser"
  case listUsers = "ListUsers"
}
