import Clock
import Postgres

/// Asks how old what the table knows is, in one round trip. Needs the owner's login, and writes nothing.
///
/// Reads all users of the pools that are asked for, without an index of its own: every write would pay for what is asked
/// a few times an hour.
public struct FreshnessCall: TableStatement {
  public let sql = """
    WITH u AS (
      SELECT user_pool_id, max(updated_at) AS written_at, max(last_sign_in_at) AS signed_in_at
      FROM cognito.users WHERE ($1::text IS NULL OR user_pool_id = $1::text) GROUP BY user_pool_id
    ), o AS (
      SELECT user_pool_id, min(created_at) FILTER (WHERE failed_at IS NULL) AS oldest_at,
        \(CountRoleChanges.columns)
      FROM cognito.role_outbox WHERE ($1::text IS NULL OR user_pool_id = $1::text) GROUP BY user_pool_id
    ), whole AS (
      SELECT DISTINCT ON (r.user_pool_id) r.user_pool_id, r.started_at, r.finished_at, r.counts
      FROM cognito.reconciliations AS r
      WHERE ($1::text IS NULL OR r.user_pool_id = $1::text) AND \(FinishReconciliation.isWhole)
      ORDER BY r.user_pool_id, r.finished_at DESC
    ), attempt AS (
      SELECT DISTINCT ON (r.user_pool_id) r.user_pool_id, r.started_at,
        CASE
          WHEN r.finished_at IS NOT NULL THEN 'incomplete'
          WHEN \(LockReconciliations.isHeld) THEN 'under way'
          ELSE 'interrupted'
        END AS state
      FROM cognito.reconciliations AS r
      WHERE ($1::text IS NULL OR r.user_pool_id = $1::text)
        AND (r.finished_at IS NULL OR NOT \(FinishReconciliation.isWhole))
      ORDER BY r.user_pool_id, r.started_at DESC
    ), pools AS (
      SELECT user_pool_id FROM u UNION SELECT user_pool_id FROM o UNION SELECT user_pool_id FROM whole
      UNION SELECT user_pool_id FROM attempt UNION SELECT $1::text WHERE $1::text IS NOT NULL
    )
    SELECT \(microseconds("now()")), p.user_pool_id, \(microseconds("u.written_at")),
      \(microseconds("u.signed_in_at")), \(microseconds("whole.finished_at")), whole.counts,
      attempt.state, \(microseconds("attempt.started_at")), \(microseconds("o.oldest_at")),
      coalesce(o.waiting, 0), coalesce(o.retrying, 0), coalesce(o.kept_back, 0), o.oldest_age
    FROM (SELECT) AS always
    LEFT JOIN pools AS p ON true
    LEFT JOIN u ON u.user_pool_id = p.user_pool_id
    LEFT JOIN o ON o.user_pool_id = p.user_pool_id
    LEFT JOIN whole ON whole.user_pool_id = p.user_pool_id
    LEFT JOIN attempt ON attempt.user_pool_id = p.user_pool_id
      AND attempt.started_at > coalesce(whole.started_at, '-infinity')
    ORDER BY p.user_pool_id COLLATE "C"
    """
  public let parameters: [String?]

  /// - Parameter userPoolID: of which pool alone, whether the table knows it or not; nil for all that it knows.
  public init(userPoolID: String?) {
    parameters = [userPoolID]
  }

  public func answer(in result: QueryResult) throws(PostgresError) -> Freshness {
    guard let askedAt = result.time(column: 0) else {
      throw .unexpectedAnswer("no time in column 1")
    }
    var freshness = Freshness(askedAt: askedAt)
    // One row even where there is no pool, for the time.
    for row in 0..<result.rowCount {
      guard let id = result.text(row: row, column: 1) else { continue }
      freshness.pools.append(try Self.pool(id, in: result, row: row))
    }
    return freshness
  }

  private static func pool(
    _ id: String, in result: QueryResult, row: Int
  ) throws(PostgresError) -> PoolFreshness {
    var pool = PoolFreshness(
      userPoolID: id, lastWrittenAt: result.time(row: row, column: 2),
      lastSignInAt: result.time(row: row, column: 3))
    if let finishedAt = result.time(row: row, column: 4) {
      pool.reconciliation = .init(
        finishedAt: finishedAt, counts: try result.requiredText(row: row, column: 5))
    }
    if let state = result.text(row: row, column: 6).flatMap(PoolFreshness.Attempt.State.init),
      let startedAt = result.time(row: row, column: 7)
    {
      pool.attempt = .init(state: state, startedAt: startedAt)
    }
    pool.outbox.oldestAt = result.time(row: row, column: 8)
    pool.outbox.status = OutboxStatus(
      waiting: try result.number(row: row, column: 9),
      retrying: try result.number(row: row, column: 10),
      keptBackCount: try result.number(row: row, column: 11),
      oldestAge: result.text(row: row, column: 12).flatMap { Int($0) })
    return pool
  }
}
