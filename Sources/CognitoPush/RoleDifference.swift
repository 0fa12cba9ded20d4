/// Where a user's groups are not what its roles say.
public struct RoleDifference: Sendable, Equatable {
  /// Groups that a role asks for and Cognito lacks; sorted.
  public var missing: [String]
  /// Groups that a role names and the user has no role for; sorted. Others are nobody's business here.
  public var surplus: [String]

  /// - Parameters:
  ///   - roles: the user's, from the database.
  ///   - groups: the user's, from Cognito.
  ///   - groupsOfRoles: the names of all roles.
  public init(roles: Set<String>, groups: Set<String>, groupsOfRoles: Set<String>) {
    missing = roles.subtracting(groups).sorted()
    surplus = groups.subtracting(roles).intersection(groupsOfRoles).sorted()
  }

  public var isEmpty: Bool { missing.isEmpty && surplus.isEmpty }
}
