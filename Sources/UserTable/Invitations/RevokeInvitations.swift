import Postgres

/// Takes invitations back that are not used up: of these addresses and domains, or all that are expired.
public struct RevokeInvitations: TableStatement {
  public let sql = """
    DELETE FROM cognito.invitations AS i
    WHERE i.used_at IS NULL AND ($2::text IS NULL OR i.user_pool_id = $2::text)
      AND CASE WHEN $1::jsonb IS NULL THEN i.expires_at <= now() ELSE
        lower(coalesce(i.email, i.email_domain)::text)
          IN (SELECT lower(n) FROM jsonb_array_elements_text($1::jsonb) AS n)
      END
    RETURNING lower(coalesce(i.email, i.email_domain)::text)
    """
  public let parameters: [String?]

  /// - Parameters:
  ///   - invitees: in any letter case; nil: all that are expired.
  ///   - userPoolID: only those into this pool alone; nil: into any.
  public init(_ invitees: [String]?, userPoolID: String?) {
    parameters = [invitees?.jsonText, userPoolID]
  }

  /// - Returns: whose invitations were taken back, in lower case; somebody may have had one into each of several pools.
  public func answer(in result: QueryResult) throws(PostgresError) -> [String] {
    try result.map { (row) throws(PostgresError) in try result.requiredText(row: row) }
  }
}
