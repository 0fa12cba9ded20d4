import Postgres

/// A user with the names of its roles, which are those of the groups that it should be in.
public struct UserRoles: Sendable, Equatable {
  /// The row's id, by which pages go on.
  public var id: String
  /// A UUID.
  public var sub: String
  /// What Cognito's calls take: the user's name, or its `sub` where no name is known.
  public var username: String
  /// In no particular order.
  public var roles: [String]
}

/// A page of a pool's users that are not deleted, with their roles, in the order of their ids.
public struct ListUserRoles: TableStatement {
  private static let pageSize = 200

  public let sql = """
    SELECT u.id, u.sub, coalesce(u.username, u.sub::text), m.group_name
    FROM (
      SELECT id, sub, username FROM cognito.users
      WHERE user_pool_id = $1::text AND id > $2::uuid AND deleted_at IS NULL
      ORDER BY id LIMIT $3::integer) AS u
    LEFT JOIN cognito.memberships AS m ON m.user_id = u.id
    ORDER BY u.id
    """
  public let parameters: [String?]

  /// - Parameter id: of the last user of the page before; nil for the first page.
  public init(ofPool userPoolID: String, after id: String?) {
    parameters = [userPoolID, id ?? firstUUID, "\(Self.pageSize)"]
  }

  /// - Returns: nobody behind the last page.
  public func answer(in result: QueryResult) throws(PostgresError) -> [UserRoles] {
    var users: [UserRoles] = []
    for row in 0..<result.rowCount {
      let id = try result.requiredText(row: row, column: 0)
      // One row for each role, and one for a user that has none.
      if users.last?.id != id {
        users.append(
          UserRoles(
            id: id, sub: try result.requiredText(row: row, column: 1),
            username: try result.requiredText(row: row, column: 2), roles: []))
      }
      if let role = result.text(row: row, column: 3) { users[users.count - 1].roles.append(role) }
    }
    return users
  }
}

/// The names of all roles.
public struct ListRoleNames: TableStatement {
  public let sql = "SELECT name::text FROM cognito.roles"

  /// Of every pool: roles are not a pool's.
  public init() {}

  /// - Returns: the names, in no particular order.
  public func answer(in result: QueryResult) throws(PostgresError) -> [String] {
    try result.map { (row) throws(PostgresError) in try result.requiredText(row: row) }
  }
}
