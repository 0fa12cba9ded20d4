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
  public init(
    roles: some Sequence<String>, groups: some Sequence<String>,
    groupsOfRoles: some Sequence<String>
  ) {
    missing = roles.filter { !groups.holds($0) }.sorted()
    surplus = groups.filter { !roles.holds($0) && groupsOfRoles.holds($0) }.sorted()
  }

  public var isEmpty: Bool { missing.isEmpty && surplus.isEmpty }
}

extension Sequence<String> {
  /// Whether a name is here, character by character: what Unicode holds equal are two groups to Cognito.
  func holds(_ name: String) -> Bool {
    contains { $0.utf8.elementsEqual(name.utf8) }
  }
}
