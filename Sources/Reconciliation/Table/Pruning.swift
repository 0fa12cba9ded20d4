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
    /// Nobody may be asked whether a user is gone, and the listing is not to be trusted; why.
    case unconfirmed(String)
    /// More users than the limit, in percent, allows.
    case tooMany(Int, of: Int, limit: Double)
  }

  /// For counting all users of a pool, and for marking a page of them.
  private static let timeout = Duration.seconds(300)

  let record: RunRecord
  let pool: UserPoolID
  let connection: TableConnection
  let isDryRun: Bool
  let settle: Duration
  /// In percent of the users that are not marked yet.
  let limit: Double
  let evidence: Evidence

  /// What marks a user whom the listing did not show.
  public enum Evidence {
    /// That alone.
    case listing
    /// Cognito's answer, too.
    case presence(any Presence)
    /// Nothing: there is nobody to ask, for this reason.
    case none(String)
  }

  /// What became of a user whom the listing did not show.
  enum Verdict {
    case deleted
    /// Still there, or perhaps.
    case kept
  }

  private var users: MissingUsers {
    MissingUsers(
      runID: record.id, userPoolID: pool.text, observedAt: record.observedAt, settle: settle)
  }

  /// Notes who is in a batch.
  ///
  /// - Returns: how many were not noted before.
  func note(_ batch: UserBatch) throws(ReconciliationError) -> Int {
    guard !batch.rows.isEmpty else { return 0 }
    return try connection.run(NoteSightings(of: batch, by: record.id))
  }

  /// Marks everybody that is gone: neither in the listing nor written by a trigger since shortly before it began, and,
  /// where Cognito can be asked, not there either.
  ///
  /// - Parameters:
  ///   - counts: of the whole run.
  ///   - tell: called for each user, with how many there are.
  /// - Returns: why nobody was marked, where that is so.
  func prune(
    after counts: Counts, tell: (Sub, Verdict, _ missing: Int) -> Void
  ) throws(ReconciliationError) -> Refusal? {
    if counts.skipped > 0 { return .unreadable(counts.skipped) }
    let numbers = try connection.run(CountMissingUsers(users), within: Self.timeout)
    if numbers.sightings < counts.sightings { return .sightingsLost }
    if Double(numbers.missing) * 100 > limit * Double(numbers.all) {
      return .tooMany(numbers.missing, of: numbers.all, limit: limit)
    }
    guard numbers.missing > 0 else { return nil }
    if case .none(let reason) = evidence { return .unconfirmed(reason) }
    return try mark { sub, verdict in tell(sub, verdict, numbers.missing) }
  }

  /// One by one: no transaction holds a trigger up.
  private func mark(_ tell: (Sub, Verdict) -> Void) throws(ReconciliationError) -> Refusal? {
    var last: Sub?
    repeat {
      let page = try connection.run(ListMissingUsers(users, after: last), within: Self.timeout)
      for user in page.users {
        guard !connection.stop.isMade else { throw .listing(.interrupted()) }
        let askedAt: Timestamp?
        do throws(ListingError) {
          askedAt = try timeOfGoing(user)
        } catch {
          guard case .cognito(let refusal) = error, refusal.forbidsToAsk else {
            throw .listing(error)
          }
          return .unconfirmed(refusal.description)
        }
        tell(
          user.sub,
          try askedAt.map { (time) throws(ReconciliationError) in
            try mark(user, askedAt: time)
          } ?? .kept)
      }
      last = page.last
    } while last != nil
    return nil
  }

  /// - Returns: when Cognito was seen not to have the user; nil where it has.
  private func timeOfGoing(_ user: MissingUser) throws(ListingError) -> Timestamp? {
    switch evidence {
    case .none: return nil
    // What the row holds was true when the listing began: a late event from before must not undo it.
    case .listing: return record.observedAt
    case .presence(let presence):
      let (answer, askedAt) = try presence.ask(about: user)
      return answer == .gone ? askedAt : nil
    }
  }

  private func mark(
    _ user: MissingUser, askedAt: Timestamp
  ) throws(ReconciliationError) -> Verdict {
    if isDryRun { return .deleted }
    let key = UserKey(userPoolID: pool.text, sub: user.sub)
    // By a trigger meanwhile: then it is newer than Cognito's answer.
    let outcome = try connection.run(MarkDeletedCall(key, observedAt: askedAt))
    return outcome == .stale ? .kept : .deleted
  }
}

extension CognitoError {
  /// Whether nobody may be asked about: without the permission, or without keys.
  fileprivate var forbidsToAsk: Bool {
    switch self {
    case .accessDenied: true
    case .credentialsUnavailable(let error): !error.isTransient
    default: false
    }
  }
}

extension Pruning.Refusal: CustomStringConvertible {
  public var description: String {
    switch self {
    case .incomplete: "the listing was not read to its end; run it again"
    case .unreadable(let count):
      "\(count) of the listing could not be read, and may be users that would be marked: the lines above "
        + "say where"
    case .sightingsLost:
      "the database server has crashed meanwhile and forgot who was listed: run it again without "
        + "--resume"
    case .unconfirmed(let reason):
      "Cognito could not be asked whether they are gone: \(reason); --trust-listing marks them by the "
        + "listing alone"
    case .tooMany(let count, let all, let limit):
      "\(count) of \(all) users would be marked, more than \(Self.text(limit)) %: look whether the "
        + "listing is of this pool and whole; --max-prune allows more"
    }
  }

  private static func text(_ percent: Double) -> String {
    percent == percent.rounded() ? "\(Int(percent))" : "\(percent)"
  }
}
