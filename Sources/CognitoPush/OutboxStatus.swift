import Clock
import Postgres

/// What the outbox holds, for somebody who looks at it.
public struct OutboxStatus: Sendable, Equatable {
  /// One change that was given up.
  public struct KeptBack: Sendable, Equatable {
    public var userPoolID: String
    public var sub: String
    public var group: String
    public var error: String
    /// RFC 3339, UTC.
    public var failedAt: String
  }

  /// Not tried yet, or being worked on.
  public var waiting = 0
  /// Tried without success, and to be tried again.
  public var retrying = 0
  public var keptBackCount = 0
  /// How long the oldest change that is not kept back has waited, in seconds.
  public var oldestAge: Int?
  /// The newest that were given up.
  public var keptBack: [KeptBack] = []

  /// - Parameter limit: of the list of changes that were given up.
  public init(
    on connection: Connection, limit: Int = 100, until deadline: Deadline
  ) throws(PostgresError) {
    let counts = try connection.query(
      """
      SELECT count(*) FILTER (WHERE failed_at IS NULL AND attempts = 0),
        count(*) FILTER (WHERE failed_at IS NULL AND attempts > 0),
        count(*) FILTER (WHERE failed_at IS NOT NULL),
        extract(epoch FROM now() - min(created_at) FILTER (WHERE failed_at IS NULL))::bigint
      FROM cognito.role_outbox
      """, until: deadline)
    func number(_ column: Int) -> Int? { counts.text(row: 0, column: column).flatMap { Int($0) } }
    waiting = number(0) ?? 0
    retrying = number(1) ?? 0
    keptBackCount = number(2) ?? 0
    oldestAge = number(3)
    let rows = try connection.query(
      """
      SELECT user_pool_id, sub, group_name, last_error,
        to_char(failed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
      FROM cognito.role_outbox WHERE failed_at IS NOT NULL ORDER BY failed_at DESC, id DESC LIMIT $1::integer
      """, ["\(limit)"], until: deadline
    ).rows
    keptBack = rows.compactMap { row in
      let texts = row.map { $0 ?? "" }
      guard texts.count == 5 else { return nil }
      return KeptBack(
        userPoolID: texts[0], sub: texts[1], group: texts[2], error: texts[3], failedAt: texts[4])
    }
  }

  /// Lets everything that was given up be tried again. - Returns: how many changes.
  public static func retryKeptBack(
    on connection: Connection, until deadline: Deadline
  ) throws(PostgresError) -> Int {
    let result = try connection.query(
      """
      WITH again AS (
        UPDATE cognito.role_outbox SET failed_at = NULL, failure = NULL, next_attempt_at = now()
        WHERE failed_at IS NOT NULL RETURNING 1)
      SELECT count(*) FROM again
      """, until: deadline)
    return result.text(row: 0, column: 0).flatMap { Int($0) } ?? 0
  }
}
