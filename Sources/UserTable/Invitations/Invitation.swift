import Clock
import Postgres

/// A row of `cognito.invitations`.
public struct Invitation: Sendable, Equatable {
  /// The address or the domain.
  public var invitee: String
  /// nil: every pool.
  public var userPoolID: String?
  public var roles: [String]
  public var invitedBy: String
  public var invitedAt: Timestamp?
  /// nil: never.
  public var expiresAt: Timestamp?
  public var isExpired: Bool
  /// nil: not yet.
  public var usedAt: Timestamp?
  /// The `id` of the user's row; nil also where that row is gone.
  public var usedBy: String?
}

/// The invitations, by whom they are for.
public struct ListInvitations: TableStatement {
  public let sql = """
    SELECT coalesce(i.email, i.email_domain)::text, i.user_pool_id,
      (
        SELECT coalesce(json_agg(r.name::text ORDER BY r.name::text COLLATE "C"), '[]')
        FROM cognito.invitation_roles AS ir JOIN cognito.roles AS r ON r.id = ir.role_id
        WHERE ir.invitation_id = i.id
      ),
      i.invited_by, \(microseconds("i.created_at")), \(microseconds("i.expires_at")),
      coalesce(i.expires_at <= now(), false), \(microseconds("i.used_at")), i.used_by
    FROM cognito.invitations AS i
    WHERE ($1::boolean OR i.used_at IS NULL)
      AND ($2::text IS NULL OR i.user_pool_id IS NULL OR i.user_pool_id = $2::text)
    ORDER BY coalesce(i.email, i.email_domain)::text COLLATE "C", i.user_pool_id COLLATE "C" NULLS FIRST,
      i.created_at, i.id
    """
  public let parameters: [String?]

  /// - Parameters:
  ///   - withUsed: whether those that are used up are wanted, too.
  ///   - userPoolID: only those into this pool, among them those into every pool; nil: all.
  public init(withUsed: Bool, userPoolID: String?) {
    parameters = ["\(withUsed)", userPoolID]
  }

  public func answer(in result: QueryResult) throws(PostgresError) -> [Invitation] {
    try result.map { (row) throws(PostgresError) in
      Invitation(
        invitee: try result.requiredText(row: row, column: 0),
        userPoolID: result.text(row: row, column: 1),
        roles: try result.names(row: row, column: 2),
        invitedBy: try result.requiredText(row: row, column: 3),
        invitedAt: result.time(row: row, column: 4), expiresAt: result.time(row: row, column: 5),
        isExpired: result.text(row: row, column: 6) == "t",
        usedAt: result.time(row: row, column: 7), usedBy: result.text(row: row, column: 8))
    }
  }
}
