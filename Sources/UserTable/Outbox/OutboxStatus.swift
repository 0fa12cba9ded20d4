import Postgres

/// What the outbox holds, for somebody who looks at it.
public struct OutboxStatus: Sendable, Equatable {
  /// One change that was given up.
  public struct KeptBack: Sendable, Equatable {
    /// Of which pool the user is.
    public var userPoolID: String
    /// Who should be in the group, or out of it.
    public var sub: String
    /// Its name in Cognito.
    public var group: String
    /// Why the last attempt failed; without personal data.
    public var error: String
    /// RFC 3339, UTC.
    public var failedAt: String
  }

  /// Not tried yet, or being worked on.
  public var waiting = 0
  /// Tried without success, and to be tried again.
  public var retrying = 0
  /// Given up; also those that `keptBack` has no room for.
  public var keptBackCount = 0
  /// How long the oldest change that is not kept back has waited, in seconds; nil where there is none.
  public var oldestAge: Int?
  /// The newest that were given up.
  public var keptBack: [KeptBack] = []
}

/// Counts what the outbox holds.
public struct CountRoleChanges: TableStatement {
  /// The aggregates that `OutboxStatus` is made of.
  static let columns = """
    count(*) FILTER (WHERE failed_at IS NULL AND attempts = 0) AS waiting,
      count(*) FILTER (WHERE failed_at IS NULL AND attempts > 0) AS retrying,
      count(*) FILTER (WHERE failed_at IS NOT NULL) AS kept_back,
      extract(epoch FROM now() - min(created_at) FILTER (WHERE failed_at IS NULL))::bigint AS oldest_age
    """

  public let sql = "SELECT \(columns) FROM cognito.role_outbox"

  /// Needs the owner's login, as all of these do.
  public init() {}

  /// - Returns: the numbers; the list `keptBack` is empty.
  public func answer(in result: QueryResult) throws(PostgresError) -> OutboxStatus {
    OutboxStatus(
      waiting: try result.number(column: 0), retrying: try result.number(column: 1),
      keptBackCount: try result.number(column: 2),
      oldestAge: result.text(row: 0, column: 3).flatMap { Int($0) })
  }
}

/// The changes that were given up, the newest first.
public struct ListKeptBackChanges: TableStatement {
  public let sql = """
    SELECT user_pool_id, sub, group_name, last_error,
      to_char(failed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    FROM cognito.role_outbox WHERE failed_at IS NOT NULL ORDER BY failed_at DESC, id DESC LIMIT $1::integer
    """
  public let parameters: [String?]

  /// - Parameter limit: at most so many, from 0.
  public init(limit: Int) {
    parameters = ["\(limit)"]
  }

  /// - Returns: as many as the limit allows.
  public func answer(in result: QueryResult) throws(PostgresError) -> [OutboxStatus.KeptBack] {
    try result.map { (row) throws(PostgresError) in
      OutboxStatus.KeptBack(
        userPoolID: try result.requiredText(row: row, column: 0),
        sub: try result.requiredText(row: row, column: 1),
        group: try result.requiredText(row: row, column: 2),
        error: result.text(row: row, column: 3) ?? "",
        failedAt: try result.requiredText(row: row, column: 4))
    }
  }
}

/// Lets every change that was given up be tried again.
public struct RetryKeptBackChanges: TableStatement {
  public let sql = """
    WITH again AS (
      UPDATE cognito.role_outbox SET failed_at = NULL, failure = NULL, next_attempt_at = now()
      WHERE failed_at IS NOT NULL RETURNING 1)
    SELECT count(*) FROM again
    """

  /// They are due at once.
  public init() {}

  /// - Returns: how many changes.
  public func answer(in result: QueryResult) throws(PostgresError) -> Int {
    try result.number()
  }
}
