import Clock
import JSON
import Postgres

/// A call of `cognito.invite`: an address or a domain may sign up, and gets roles.
public struct InviteCall: TableStatement {
  public let sql = """
    SELECT outcome, id, \(microseconds("expires_at")), array_to_json(unknown_roles)
    FROM cognito.invite(
      invitee => $1::text, roles => ARRAY(SELECT jsonb_array_elements_text($2::jsonb)), valid_for => $3::interval,
      user_pool_id => $4::text, invited_by => $5::text)
    """
  public let parameters: [String?]

  /// - Parameters:
  ///   - invitee: an e-mail address, or a domain for all who have one there.
  ///   - roles: their names.
  ///   - validity: from now, in whole seconds; nil for ever.
  ///   - userPoolID: nil for every pool.
  ///   - inviter: nil for the login.
  public init(
    _ invitee: String, roles: [String], validity: Duration?, userPoolID: String?, inviter: String?
  ) {
    parameters = [
      invitee, roles.jsonText, validity.map { "\($0.components.seconds) seconds" }, userPoolID,
      inviter,
    ]
  }

  public func answer(in result: QueryResult) throws(PostgresError) -> InviteOutcome {
    switch try result.requiredText() {
    case "invited":
      .invited(id: try result.requiredText(column: 1), until: result.time(column: 2))
    case "renewed":
      .renewed(id: try result.requiredText(column: 1), until: result.time(column: 2))
    case "unknown_roles": .unknownRoles(try result.names(column: 3))
    default:
      throw .unexpectedAnswer("the outcome of cognito.invite must be one that it documents")
    }
  }
}

/// What became of an invitation.
public enum InviteOutcome: Sendable, Equatable {
  /// There was none for this address or domain. Its row's id, and when it ends; nil: never.
  case invited(id: String, until: Timestamp?)
  /// There was one, which is as is said now.
  case renewed(id: String, until: Timestamp?)
  /// Nothing was done: there are no roles of these names.
  case unknownRoles([String])
}

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

extension QueryResult {
  /// A JSON array of texts.
  func names(row: Int = 0, column: Int) throws(PostgresError) -> [String] {
    let text = try requiredText(row: row, column: column)
    guard let names = (try? JSONValue(parsing: Array(text.utf8)))?.strings else {
      throw .unexpectedAnswer("no array of names in column \(column + 1)")
    }
    return names
  }
}
