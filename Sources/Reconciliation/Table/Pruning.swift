import Clock
import CognitoAPI
import CognitoTriggers
import UserTable

/// Marks users as deleted whom a whole listing did not show. Nothing is removed.
public struct Pruning {
  /// Why nobody was marked.
  public enum Refusal: Error, Sendable, Equatable {
    /// The listing was not read to its end.
    case incomplete
    /// So many elements could not be read: they may be users that would be marked.
    case unreadable(Int)
    /// The server has crashed meanwhile, and has forgotten who was seen.
    case sightingsLost
    /// More users than the limit, in percent, allows.
    case tooMany(Int, of: Int, limit: Double)
  }

  /// For counting all users of a pool, and for marking a page of them.
  private static let timeout = Duration.seconds(300)

  let record: RunRecord
  let pool: UserPoolID
  let connection: TableConnection
  let isDryRun: Bool
  /// In percent of the users that are not marked yet.
  let limit: Double

  private var users: GoneUsers {
    GoneUsers(runID: record.id, userPoolID: pool.text, observedAt: record.observedAt)
  }

  /// Notes who is in a batch.
  ///
  /// - Returns: how many were not noted before.
  func note(_ batch: UserBatch) throws(ReconciliationError) -> Int {
    guard !batch.rows.isEmpty else { return 0 }
    return try connection.run(NoteSightings(of: batch, by: record.id))
  }

  /// Marks everybody who was neither in the listing nor seen by a trigger since it began.
  ///
  /// - Parameters:
  ///   - counts: of the whole run.
  ///   - marked: called for each user.
  /// - Returns: why nobody was marked, where that is so.
  func prune(
    after counts: Counts, marked: (Sub) -> Void
  ) throws(ReconciliationError) -> Refusal? {
    if counts.skipped > 0 { return .unreadable(counts.skipped) }
    let numbers = try connection.run(CountGoneUsers(users), within: Self.timeout)
    if numbers.sightings < counts.sightings { return .sightingsLost }
    if Double(numbers.gone) * 100 > limit * Double(numbers.all) {
      return .tooMany(numbers.gone, of: numbers.all, limit: limit)
    }
    if numbers.gone > 0 { try mark(marked) }
    return nil
  }

  /// In small transactions, which hold no trigger up.
  private func mark(_ marked: (Sub) -> Void) throws(ReconciliationError) {
    var last: Sub?
    repeat {
      let page = try connection.run(
        MarkGoneUsers(users, after: last, isDryRun: isDryRun), within: Self.timeout)
      for user in page.users where user.isMarked { marked(user.sub) }
      last = page.last
    } while last != nil
  }
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
