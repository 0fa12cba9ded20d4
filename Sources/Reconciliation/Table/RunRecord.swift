import Clock
import CognitoAPI
import Postgres

/// A run as `cognito.reconciliations` remembers it, so that another process can go on with it.
struct RunRecord {
  let id: String
  /// When the listing began.
  let observedAt: Timestamp
  /// Where in the listing to go on; nil at its beginning.
  var position: String?
  var counts: Counts

  /// Begins a run.
  ///
  /// - Parameter options: what must be the same for another process to go on with it.
  static func begin(
    _ listing: some UserListing, options: String, of pool: UserPoolID,
    on connection: TableConnection
  ) throws(ReconciliationError) -> RunRecord {
    // What interrupted runs left that nobody will go on with any more.
    _ = try connection.query(
      """
      DELETE FROM cognito.reconciliation_sightings AS s USING cognito.reconciliations AS r
      WHERE r.id = s.reconciliation_id AND r.user_pool_id = $1::text
      """, [pool.text], within: .seconds(300))
    let result = try connection.query(
      """
      INSERT INTO cognito.reconciliations (user_pool_id, source, options, observed_at)
      VALUES ($1::text, $2::text, $3::text, least($4::timestamptz, now()))
      RETURNING id, \(Self.observedMicroseconds)
      """, [pool.text, listing.name, options, listing.observedAt.rfc3339])
    guard let record = RunRecord(result) else {
      throw .database(.unexpectedAnswer("no id of the run"))
    }
    return record
  }

  /// The pool's last run, where it has not ended and was of the same listing.
  static func interrupted(
    _ listing: some UserListing, options: String, of pool: UserPoolID,
    on connection: TableConnection
  ) throws(ReconciliationError) -> RunRecord? {
    let result = try connection.query(
      """
      SELECT id, \(Self.observedMicroseconds), position, counts FROM (
        SELECT * FROM cognito.reconciliations WHERE user_pool_id = $1::text
        ORDER BY started_at DESC LIMIT 1) AS last
      WHERE finished_at IS NULL AND source = $2::text AND options = $3::text
      """, [pool.text, listing.name, options])
    return RunRecord(result)
  }

  /// As a number: what a time looks like as text, and which time a text means, is the session's to say.
  private static let observedMicroseconds = "(extract(epoch FROM observed_at) * 1000000)::bigint"

  private init?(_ result: QueryResult) {
    guard let id = result.text(row: 0, column: 0),
      let observedAt = result.text(row: 0, column: 1).flatMap({ Int64($0) })
    else { return nil }
    self.id = id
    self.observedAt = Timestamp(microsecondsSinceEpoch: observedAt)
    position = result.text(row: 0, column: 2)
    counts = result.text(row: 0, column: 3).map { Counts(json: $0) } ?? Counts()
  }

  func save(on connection: TableConnection) throws(ReconciliationError) {
    _ = try connection.query(
      """
      UPDATE cognito.reconciliations
      SET position = $2::text, counts = $3::jsonb, updated_at = now() WHERE id = $1::uuid
      """, [id, position, counts.json])
  }

  func finish(on connection: TableConnection) throws(ReconciliationError) {
    _ = try connection.query(
      """
      UPDATE cognito.reconciliations
      SET position = NULL, counts = $2::jsonb, updated_at = now(), finished_at = now()
      WHERE id = $1::uuid
      """, [id, counts.json])
    _ = try connection.query(
      "DELETE FROM cognito.reconciliation_sightings WHERE reconciliation_id = $1::uuid", [id],
      within: .seconds(300))
  }
}
