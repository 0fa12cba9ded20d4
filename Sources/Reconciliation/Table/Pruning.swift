import Clock
import CognitoAPI
import CognitoTriggers
import Postgres
import UserTable

/// Marks users as deleted that a whole listing did not show. Nothing is removed.
public struct Pruning {
  /// Why nobody was marked.
  public enum Refusal: Error, Sendable, Equatable {
    /// The listing was not read to its end.
    case incomplete
    /// So many elements could not be read: they may be users that would be marked.
    case unreadable(Int)
    /// The server has crashed meanwhile, and forgot who was seen.
    case sightingsLost
    case tooMany(Int, of: Int, limit: Double)
  }

  private static let timeout = Duration.seconds(300)
  private static let chunkSize = 1000

  let record: RunRecord
  let pool: UserPoolID
  let connection: TableConnection
  let isDryRun: Bool
  /// In percent of the users that are not marked yet.
  let limit: Double

  /// Notes who is in a batch. - Returns: how many were not noted before.
  func note(_ batch: UserBatch) throws(ReconciliationError) -> Int {
    guard !batch.rows.isEmpty else { return 0 }
    let result = try connection.query(
      """
      WITH noted AS (
        INSERT INTO cognito.reconciliation_sightings (reconciliation_id, sub)
        SELECT $1::uuid, sub FROM unnest($2::uuid[]) AS sub
        ON CONFLICT DO NOTHING RETURNING 1)
      SELECT count(*) FROM noted
      """, [record.id, batch.subs])
    return result.text(row: 0, column: 0).flatMap { Int($0) } ?? 0
  }

  /// Marks everybody that was neither in the listing nor seen by a trigger since it began.
  ///
  /// - Parameters:
  ///   - counts: of the whole run.
  ///   - marked: called for each user.
  /// - Returns: why nobody was marked, where that is so.
  func prune(
    after counts: Counts, marked: (Sub) -> Void
  ) throws(ReconciliationError) -> Refusal? {
    if counts.skipped > 0 { return .unreadable(counts.skipped) }
    let numbers = try connection.query(
      """
      SELECT
        (SELECT count(*) FROM cognito.reconciliation_sightings WHERE reconciliation_id = $4::uuid),
        count(*) FILTER (WHERE \(Self.isGone)), count(*)
      FROM cognito.users AS u
      WHERE u.user_pool_id = $1::text AND u.deleted_at IS NULL AND u.sub >= $2::uuid
      """, parameters(after: "00000000-0000-0000-0000-000000000000"), within: Self.timeout)
    func number(_ column: Int) -> Int {
      numbers.text(row: 0, column: column).flatMap { Int($0) } ?? 0
    }
    let (sightings, gone, all) = (number(0), number(1), number(2))
    if sightings < counts.sightings { return .sightingsLost }
    if Double(gone) * 100 > limit * Double(all) {
      return .tooMany(gone, of: all, limit: limit)
    }
    if gone > 0 { try mark(marked) }
    return nil
  }

  /// In small transactions, which hold no trigger up.
  private func mark(_ marked: (Sub) -> Void) throws(ReconciliationError) {
    var last: String? = "00000000-0000-0000-0000-000000000000"
    while let after = last {
      let result = try connection.query(
        isDryRun ? Self.selection : Self.marking, parameters(after: after), within: Self.timeout)
      for row in 0..<result.rowCount where result.text(row: row, column: 1) == "t" {
        if let sub = result.text(row: row, column: 0).flatMap({ Sub($0) }) { marked(sub) }
      }
      last =
        result.rowCount < Self.chunkSize ? nil : result.text(row: result.rowCount - 1, column: 0)
    }
  }

  private func parameters(after sub: String) -> [String?] {
    [pool.text, sub, record.observedAt.rfc3339, record.id]
  }

  private static let isGone = """
    u.observed_at < $3::timestamptz AND NOT EXISTS (
      SELECT FROM cognito.reconciliation_sightings AS s
      WHERE s.reconciliation_id = $4::uuid AND s.sub = u.sub)
    """

  private static let gone = """
    SELECT u.id, u.sub FROM cognito.users AS u
    WHERE u.user_pool_id = $1::text AND u.sub > $2::uuid AND u.deleted_at IS NULL AND \(isGone)
    ORDER BY u.sub LIMIT \(chunkSize)
    """

  private static let selection = "SELECT sub, true FROM (\(gone)) AS gone ORDER BY sub"

  /// What the row holds was true when the listing began: a late event from before must not undo it.
  private static let marking = """
    WITH gone AS MATERIALIZED (\(gone)), marked AS (
      UPDATE cognito.users AS u
      SET deleted_at = now(), updated_at = now(), observed_at = $3::timestamptz
      FROM gone
      WHERE u.id = gone.id AND u.deleted_at IS NULL AND u.observed_at < $3::timestamptz
      RETURNING u.id)
    SELECT gone.sub, marked.id IS NOT NULL
    FROM gone LEFT JOIN marked ON marked.id = gone.id ORDER BY gone.sub
    """
}

extension Pruning.Refusal: CustomStringConvertible {
  public var description: String {
    switch self {
    case .incomplete: "the listing was not read to its end"
    case .unreadable(let count):
      "\(count) of the listing could not be read, and may be users that would be marked"
    case .sightingsLost:
      "the database server has crashed meanwhile and forgot who was listed: run it again without "
        + "--resume"
    case .tooMany(let count, let all, let limit):
      "\(count) of \(all) users would be marked, more than \(Self.text(limit)) %: look whether the "
        + "listing is of this pool and whole; --max-prune allows more"
    }
  }

  private static func text(_ percent: Double) -> String {
    percent == percent.rounded() ? "\(Int(percent))" : "\(percent)"
  }
}
