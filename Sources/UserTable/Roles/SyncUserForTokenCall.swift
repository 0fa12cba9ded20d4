import Postgres

/// A call of `cognito.sync_user_for_token`: writes the user, and reads the roles for the token, in one round trip.
public struct SyncUserForTokenCall: TableStatement {
  public let sql = Self.statement
  public let parameters: [String?]

  public init(_ user: SyncedUser) { parameters = user.arguments }

  private static let statement = """
    SELECT id, outcome, array_to_json(roles) \
    FROM cognito.sync_user_for_token(\(SyncUserCall.placeholders))
    """

  /// - Returns: what became of the row, and the names of the user's roles; nil where a team's own functions know no
  ///   such user.
  public func answer(
    in result: QueryResult
  ) throws(PostgresError) -> (row: SyncResult, roles: [String]?) {
    guard result.rowCount == 1, let outcome = result.text(row: 0, column: 1) else {
      throw .unexpectedAnswer("cognito.sync_user_for_token must return one record")
    }
    let row = SyncResult(
      id: result.text(row: 0, column: 0), outcome: try SyncUserCall.outcome(named: outcome))
    return (row, try RolesForTokenCall.names(in: result, column: 2))
  }
}
