import Clock
import Postgres

/// A run as `cognito.reconciliations` holds it.
public struct ReconciliationRow: Sendable, Equatable {
  /// A UUID.
  public var id: String
  /// When the listing began; never later than the database's own clock.
  public var observedAt: Timestamp
  /// Where in the listing to go on; nil at its beginning.
  public var position: String?
  /// JSON, as `SaveReconciliation` was given it; nil where nothing was saved.
  public var counts: String?

  fileprivate static let observedMicroseconds = microseconds("observed_at")

  /// - Parameter result: its first row has the id, `observedMicroseconds`, and perhaps position and counts.
  fileprivate init(_ result: QueryResult) throws(PostgresError) {
    id = try result.requiredText(column: 0)
    guard let time = result.time(column: 1) else { throw .unexpectedAnswer("no time in column 2") }
    observedAt = time
    position = result.text(row: 0, column: 2)
    counts = result.text(row: 0, column: 3)
  }
}

/// Enters a new run.
public struct BeginReconciliation: TableStatement {
  public let sql = """
    INSERT INTO cognito.reconciliations (user_pool_id, source, options, observed_at)
    VALUES ($1::text, $2::text, $3::text, least($4::timestamptz, now()))
    RETURNING id, \(ReconciliationRow.observedMicroseconds)
    """
  public let parameters: [String?]

  /// - Parameters:
  ///   - source: what is listed.
  ///   - options: what must be the same for another process to resume the run.
  ///   - observedAt: when the listing began.
  public init(
    ofPool userPoolID: String, source: String, options: String, observedAt: Timestamp
  ) {
    parameters = [userPoolID, source, options, observedAt.rfc3339]
  }

  /// - Returns: the row, at its beginning.
  public func answer(in result: QueryResult) throws(PostgresError) -> ReconciliationRow {
    try ReconciliationRow(result)
  }
}

/// Finds the pool's last run, where it has not ended, and had the same source and options.
public struct FindInterruptedReconciliation: TableStatement {
  public let sql = """
    SELECT id, \(ReconciliationRow.observedMicroseconds), position, counts FROM (
      SELECT * FROM cognito.reconciliations WHERE user_pool_id = $1::text
      ORDER BY started_at DESC LIMIT 1) AS last
    WHERE finished_at IS NULL AND source = $2::text AND options = $3::text
    """
  public let parameters: [String?]

  /// - Parameters:
  ///   - source: what is listed.
  ///   - options: as they were given to `BeginReconciliation`.
  public init(ofPool userPoolID: String, source: String, options: String) {
    parameters = [userPoolID, source, options]
  }

  /// - Returns: nil where there is none.
  public func answer(in result: QueryResult) throws(PostgresError) -> ReconciliationRow? {
    result.rowCount == 0 ? nil : try ReconciliationRow(result)
  }
}

/// Notes how far a run has come.
public struct SaveReconciliation: TableStatement {
  public typealias Answer = Void

  public let sql = """
    UPDATE cognito.reconciliations
    SET position = $2::text, counts = $3::jsonb, updated_at = now() WHERE id = $1::uuid
    """
  public let parameters: [String?]

  /// - Parameters:
  ///   - id: of the run.
  ///   - position: where in the listing to go on; nil at its beginning.
  ///   - counts: a JSON object.
  public init(_ id: String, position: String?, counts: String) {
    parameters = [id, position, counts]
  }
}

/// Notes that a run has come to its end: it cannot be resumed any more.
public struct FinishReconciliation: TableStatement {
  public typealias Answer = Void

  /// SQL for whether the run of a row `r` has brought a whole listing in: what `isWhole` was; NULL where nothing says so.
  static let isWhole = "(r.counts ->> 'whole')::boolean"

  public let sql = """
    UPDATE cognito.reconciliations
    SET position = NULL, counts = $2::jsonb || jsonb_strip_nulls(jsonb_build_object('whole', $3::boolean)),
      updated_at = now(), finished_at = now()
    WHERE id = $1::uuid
    """
  public let parameters: [String?]

  /// - Parameters:
  ///   - id: of the run.
  ///   - counts: a JSON object.
  ///   - isWhole: whether a whole listing was brought in; nil for a dry run, which brings nothing in.
  public init(_ id: String, counts: String, isWhole: Bool?) {
    parameters = [id, counts, isWhole?.description]
  }
}

/// Locks a pool's reconciliations for as long as the session lasts.
public struct LockReconciliations: TableStatement {
  /// Any number will do, as long as no other program locks with it: "pool" in ASCII.
  private static let lockClass = 0x706F_6F6C

  /// SQL for whether some session has locked the reconciliations of the pool of a row `r`.
  ///
  /// Source: PostgreSQL documentation, "pg_locks": a lock with two keys has them in `classid` and `objid`, unsigned, and
  /// 2 in `objsubid`.
  static let isHeld = """
    EXISTS (
      SELECT FROM pg_locks AS l
      WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted AND l.classid = \(lockClass)
        AND l.objid::bigint = hashtext(r.user_pool_id)::bigint & 4294967295
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
    """

  public let sql = "SELECT pg_try_advisory_lock($1::integer, hashtext($2::text))"
  public let parameters: [String?]

  /// Not through a pooler in transaction mode: the lock is the session's.
  public init(ofPool userPoolID: String) {
    parameters = ["\(Self.lockClass)", userPoolID]
  }

  /// - Returns: false where another session holds the lock.
  public func answer(in result: QueryResult) throws(PostgresError) -> Bool {
    result.text(row: 0, column: 0) == "t"
  }
}
