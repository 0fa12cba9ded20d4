import Postgres

/// Notes who is in a batch of a run.
public struct NoteSightings: TableStatement {
  public let sql = """
    WITH noted AS (
      INSERT INTO cognito.reconciliation_sightings (reconciliation_id, sub)
      SELECT $1::uuid, sub FROM unnest($2::uuid[]) AS sub
      ON CONFLICT DO NOTHING RETURNING 1)
    SELECT count(*) FROM noted
    """
  public let parameters: [String?]

  /// - Parameter id: of the run.
  public init(of batch: UserBatch, by id: String) {
    parameters = [id, batch.subs]
  }

  /// - Returns: how many were not noted before.
  public func answer(in result: QueryResult) throws(PostgresError) -> Int {
    try result.number()
  }
}

/// Forgets who was seen.
public struct ForgetSightings: TableStatement {
  public typealias Answer = Void

  public let sql: String
  public let parameters: [String?]

  /// - Parameter id: of the run that needs them no more.
  public init(by id: String) {
    sql = "DELETE FROM cognito.reconciliation_sightings WHERE reconciliation_id = $1::uuid"
    parameters = [id]
  }

  /// By every run of a pool: what interrupted runs left that nobody will resume.
  public init(ofPool userPoolID: String) {
    sql = """
      DELETE FROM cognito.reconciliation_sightings AS s USING cognito.reconciliations AS r
      WHERE r.id = s.reconciliation_id AND r.user_pool_id = $1::text
      """
    parameters = [userPoolID]
  }
}
