import Clock
import CognitoAPI
import Postgres
import UserTable

/// Finds where Cognito's groups are not what the roles say, one call for each user.
///
/// Changes of roles reach Cognito through the outbox; this is for memberships that somebody else changed,
/// and for roles that were loaded with the triggers switched off.
public struct RoleComparison {
  private static let timeout = Duration.seconds(30)

  private let connection: Connection
  private let cognito: CognitoClient
  private let pool: UserPoolID

  /// - Parameters:
  ///   - connection: of the login that owns the schema.
  ///   - pool: whose users are compared.
  public init(connection: Connection, cognito: CognitoClient, pool: UserPoolID) {
    self.connection = connection
    self.cognito = cognito
    self.pool = pool
  }

  /// What a comparison has found so far.
  public struct Summary: Sendable, Equatable {
    /// Users that were compared.
    public var users = 0
    /// Users whose groups are not what their roles say.
    public var differing = 0
    /// Memberships that a role asks for, and that Cognito lacks.
    public var missing = 0
    /// Memberships of a group that a role names, and that the user has no role for.
    public var surplus = 0
    /// Users of the table whom Cognito does not have.
    public var unknown = 0

    /// Of nothing found.
    public init() {}
  }

  /// Compares every user of the pool that is not deleted.
  ///
  /// - Parameters:
  ///   - repairs: whether what differs is put into the outbox, for `RolePusher` to drain.
  ///   - mayGoOn: asked before each page and each user.
  ///   - report: called after each user with what was found so far; with the user's `sub` where it differs.
  /// - Returns: what was found.
  /// - Throws: at the first error that is not about one user; what was entered until then stays.
  public func compare(
    repairs: Bool, mayGoOn: () -> Bool = { true },
    report: (Summary, _ difference: (sub: String, RoleDifference)?) -> Void = { _, _ in }
  ) throws(PushError) -> Summary {
    var summary = Summary()
    var last: String?
    while mayGoOn() {
      let roleNames = try connection.push(ListRoleNames(), until: .after(Self.timeout))
      let users = try connection.push(
        ListUserRoles(ofPool: pool.text, after: last), until: .after(Self.timeout))
      guard let lastOfPage = users.last else { break }
      for user in users where mayGoOn() {
        let difference = try compare(user, roleNames, &summary)
        if let difference, repairs { try enter(difference, of: user) }
        report(summary, difference.map { (user.sub, $0) })
      }
      last = lastOfPage.id
    }
    return summary
  }

  private func compare(
    _ user: UserRoles, _ roleNames: [String], _ summary: inout Summary
  ) throws(PushError) -> RoleDifference? {
    summary.users += 1
    let groups: [String]
    do {
      groups = try cognito.groups(of: user.username, in: pool, until: .after(Self.timeout))
    } catch .userNotFound {
      summary.unknown += 1
      return nil
    } catch {
      throw .cognito(error)
    }
    let difference = RoleDifference(
      roles: user.roles, groups: groups, groupsOfRoles: roleNames)
    guard !difference.isEmpty else { return nil }
    summary.differing += 1
    summary.missing += difference.missing.count
    summary.surplus += difference.surplus.count
    return difference
  }

  private func enter(_ difference: RoleDifference, of user: UserRoles) throws(PushError) {
    for group in difference.missing + difference.surplus {
      try connection.push(
        EnterRoleChange(group: group, of: user, inPool: pool.text), until: .after(Self.timeout))
    }
  }
}

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

  /// Whether they are what the roles say.
  public var isEmpty: Bool { missing.isEmpty && surplus.isEmpty }
}

extension Sequence<String> {
  /// Whether a name is here, byte by byte: two texts that Unicode holds equal are two groups to Cognito.
  func holds(_ name: String) -> Bool {
    contains { $0.utf8.elementsEqual(name.utf8) }
  }
}
