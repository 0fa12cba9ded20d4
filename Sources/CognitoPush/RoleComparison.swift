import Clock
import CognitoAPI
import Postgres

/// Finds where Cognito's groups are not what the roles say, one call for each user.
///
/// Changes of roles reach Cognito through the outbox; this is for memberships that somebody else changed,
/// and for roles that were loaded with the triggers switched off.
public struct RoleComparison {
  private static let timeout = Duration.seconds(30)
  private static let pageSize = 200

  private let connection: Connection
  private let cognito: CognitoClient
  private let pool: UserPoolID

  public init(connection: Connection, cognito: CognitoClient, pool: UserPoolID) {
    self.connection = connection
    self.cognito = cognito
    self.pool = pool
  }

  public struct Summary: Sendable, Equatable {
    public var users = 0
    public var differing = 0
    /// Memberships that a role asks for, and that Cognito lacks.
    public var missing = 0
    /// Memberships of a group that a role names, and that the user has no role for.
    public var surplus = 0
    /// Users of the table that Cognito has not.
    public var unknown = 0

    public init() {}
  }

  /// Compares every user of the pool that is not deleted.
  ///
  /// - Parameters:
  ///   - repairs: whether what differs is put into the outbox, for `RolePusher` to drain.
  ///   - report: called after each user; with the user's `sub` where it differs.
  public func compare(
    repairs: Bool, mayGoOn: () -> Bool = { true },
    report: (Summary, _ difference: (sub: String, RoleDifference)?) -> Void = { _, _ in }
  ) throws(PushError) -> Summary {
    var summary = Summary()
    var last = "00000000-0000-0000-0000-000000000000"
    while mayGoOn() {
      let roleNames = try self.roleNames()
      let users = try self.users(after: last)
      guard let lastOfPage = users.last else { break }
      for user in users where mayGoOn() {
        let difference = try compare(user, roleNames, &summary)
        if let difference, repairs { try enqueue(difference, of: user) }
        report(summary, difference.map { (user.sub, $0) })
      }
      last = lastOfPage.id
    }
    return summary
  }

  private struct User {
    var id: String
    var sub: String
    var username: String
    var roles: [String]
  }

  private func compare(
    _ user: User, _ roleNames: [String], _ summary: inout Summary
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

  private func roleNames() throws(PushError) -> [String] {
    try connection.pushQuery(
      "SELECT name::text FROM cognito.roles", until: .after(Self.timeout)
    ).rows.compactMap { $0.first ?? nil }
  }

  private func users(after id: String) throws(PushError) -> [User] {
    let rows = try connection.pushQuery(
      """
      SELECT u.id, u.sub, coalesce(u.username, u.sub::text), m.group_name
      FROM (
        SELECT id, sub, username FROM cognito.users
        WHERE user_pool_id = $1::text AND id > $2::uuid AND deleted_at IS NULL
        ORDER BY id LIMIT $3::integer) AS u
      LEFT JOIN cognito.memberships AS m ON m.user_id = u.id
      ORDER BY u.id
      """, [pool.text, id, "\(Self.pageSize)"], until: .after(Self.timeout)
    ).rows
    var users: [User] = []
    for row in rows {
      guard row.count == 4, let id = row[0], let sub = row[1], let username = row[2] else {
        continue
      }
      if users.last?.id != id {
        users.append(User(id: id, sub: sub, username: username, roles: []))
      }
      if let role = row[3] { users[users.count - 1].roles.append(role) }
    }
    return users
  }

  private func enqueue(_ difference: RoleDifference, of user: User) throws(PushError) {
    for group in difference.missing + difference.surplus {
      try connection.pushQuery(
        """
        INSERT INTO cognito.role_outbox (user_pool_id, sub, username, group_name)
        VALUES ($1::text, $2::uuid, $3::text, $4::text)
        """, [pool.text, user.sub, user.username, group], until: .after(Self.timeout))
    }
  }
}
