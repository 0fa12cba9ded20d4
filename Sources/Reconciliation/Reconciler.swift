import Clock
import CognitoAPI
import CognitoTriggers
import Postgres
import UserTable

// Brings the table in line with a listing of Cognito's users: from the pool, or from a file.
//
// `Listing` reads users page by page, `Table` writes them and remembers how far a run has come. Nothing is ever removed:
// who is not listed is marked, and only when asked for. It knows nothing of triggers and their function.

/// Brings the table in line with a listing.
public struct Reconciler {
  /// What a run is to do beyond bringing users in.
  public struct Options: Sendable {
    /// For how long a listing may show what a user was like before: what a trigger saw within it stays.
    public var settle = Duration.seconds(900)
    /// Nothing of `cognito.users` is written.
    public var isDryRun = false
    /// Resume the pool's last run, if it was interrupted and is of the same listing.
    public var resumes = false
    /// Mark those as deleted that are gone.
    public var prunes = false
    /// Mark nobody where it would be more of the pool's users than this, in percent, 0 to 100.
    public var pruneLimit = 5.0
    /// Ask what the columns held before: personal data.
    public var withValues = false

    /// Of none of these.
    public init() {}
  }

  /// Something worth telling while the run goes on.
  public enum Event: Sendable {
    /// The run goes on where another process left off, after so many users.
    case resumed(listed: Int)
    /// A page has been dealt with.
    case progress(Progress)
    /// Somebody who was not listed has been checked: where Cognito is asked, at its pace.
    case checked(Progress)
    /// A user's row was not as the listing has it.
    case difference(Difference)
    /// A user was marked as deleted, or would be.
    case deleted(Sub)
    /// Not listed, but Cognito, asked, still has the user.
    case kept(Sub)
    /// An element of the listing could not be read.
    case skipped(UnreadableUser)
    /// PostgreSQL did not take a user.
    case refused(RefusedUser)
  }

  /// How far a run has come, in its listing or, after that, with those who were not listed.
  public struct Progress: Sendable {
    /// Users of the listing that were met so far, or users who were not listed and have been checked.
    public var users: Int
    /// How much of the listing is dealt with, 0 to 1, where that can be told.
    public var fraction: Double?
  }

  /// Each saving costs WAL; what is done twice after a crash is found unchanged.
  private static let savingInterval = Duration.seconds(5)

  private let pool: UserPoolID
  private let listing: any UserListing
  private let connection: TableConnection
  private let options: Options
  private let evidence: Pruning.Evidence
  private let tell: (Event) -> Void

  /// - Parameters:
  ///   - pool: whose users they are.
  ///   - listing: at its beginning.
  ///   - connection: holds the pool's lock for as long as it lives.
  ///   - tell: called with each event, in order.
  public init(
    _ pool: UserPoolID, from listing: any UserListing, to connection: TableConnection,
    options: Options, evidence: Pruning.Evidence, tell: @escaping (Event) -> Void
  ) {
    self.evidence = evidence
    self.pool = pool
    self.listing = listing
    self.connection = connection
    self.options = options
    self.tell = tell
  }

  /// Reads the whole listing, once.
  ///
  /// - Returns: what it came to; errors are its `ending`.
  public func run() -> Report {
    var report = Report(ending: .complete)
    report.isDryRun = options.isDryRun
    var record: RunRecord?
    do {
      var begun = try beginOrResume()
      record = begun
      defer { record = begun }
      let estimate = listing.fractionRead == nil ? try estimatedTotal() : nil
      report.ending = try readAll(&begun, estimate: estimate)
      if options.prunes {
        report.pruneRefusal = try prune(&begun, after: report.ending)
      }
      report.counts = begun.counts
      try begun.finish(isWhole: options.isDryRun ? nil : report.isWhole, on: connection)
    } catch {
      if case .listing(.interrupted(let cause)) = error {
        report.ending = .interrupted(while: cause)
      } else {
        report.ending = .failed(connection.text(of: error))
      }
      if let record {
        report.isResumable = record.position != nil
        // Where the database is lost, the last saving must do.
        if case .listing = error, connection.isOpen { try? record.save(on: connection) }
      }
    }
    report.counts = record?.counts ?? Counts()
    return report
  }

  private func beginOrResume() throws(ReconciliationError) -> RunRecord {
    let kind = "\(options.isDryRun ? "dry run" : "run")\(options.prunes ? ", prunes" : "")"
    if options.resumes,
      let record = try RunRecord.interrupted(listing, options: kind, of: pool, on: connection),
      let position = record.position
    {
      do { try listing.move(to: position) } catch { throw .listing(error) }
      tell(.resumed(listed: record.counts.listed))
      return record
    }
    return try RunRecord.begin(listing, options: kind, of: pool, on: connection)
  }

  /// Reads page after page; the server works on one while the next is read.
  private func readAll(
    _ record: inout RunRecord, estimate: Int?
  ) throws(ReconciliationError) -> Report.Ending {
    let writer = TableWriter(
      pool: pool, connection: connection, settle: options.settle, isDryRun: options.isDryRun,
      withValues: options.withValues)
    let pruning = pruning(of: record)
    var sent: Step?
    var saved = Instant.now()
    while true {
      let next = Result { () throws(ListingError) in try nextStep(for: writer) }
      if let step = sent {
        take(try writer.finish(), of: step, into: &record, estimate: estimate)
        sent = nil
      }
      let step: Step?
      do { step = try next.get() } catch {
        guard case .cutShort(let detail) = error else { throw .listing(error) }
        return .cutShort(detail)
      }
      guard let step else { return .complete }
      guard !connection.stop.isMade else { throw .listing(.interrupted()) }
      if saved.elapsed > Self.savingInterval {
        try record.save(on: connection)
        saved = .now()
      }
      if options.prunes { record.counts.sightings += try pruning.note(step.users.batch) }
      writer.start(step.users)
      sent = step
    }
  }

  /// A page on its way into the table.
  private struct Step {
    var users: SyncUsersCall
    var listed: Int
    var skipped: [UnreadableUser]
    /// Where the listing goes on.
    var next: String?
  }

  private func nextStep(for writer: TableWriter) throws(ListingError) -> Step? {
    guard let page = try listing.nextPage() else { return nil }
    var skipped = page.unreadable
    let batch = UserBatch(page, of: pool) { index, reason in
      skipped.append(UnreadableUser(place: page.place(ofUser: index), reason: reason.rawValue))
    }
    return Step(
      users: writer.prepare(batch), listed: page.users.count + page.unreadable.count,
      skipped: skipped,
      next: page.next)
  }

  private func take(
    _ result: BatchResult, of step: Step, into record: inout RunRecord, estimate: Int?
  ) {
    record.counts.listed += step.listed
    record.counts.skipped += step.skipped.count
    record.counts.add(result)
    record.position = step.next
    for user in step.skipped { tell(.skipped(user)) }
    for difference in result.differences { tell(.difference(difference)) }
    for user in result.refused { tell(.refused(user)) }
    let listed = record.counts.listed
    let fraction = listing.fractionRead ?? estimate.map { Double(listed) / Double(max($0, listed)) }
    tell(.progress(Progress(users: listed, fraction: fraction)))
  }

  private func prune(
    _ record: inout RunRecord, after ending: Report.Ending
  ) throws(ReconciliationError) -> Pruning.Refusal? {
    guard ending == .complete, record.counts.listed > record.counts.skipped else {
      return .incomplete
    }
    var (deleted, kept) = (0, 0)
    defer {
      record.counts.deleted += deleted
      record.counts.kept += kept
    }
    return try pruning(of: record).prune(after: record.counts) { sub, verdict, missing in
      switch verdict {
      case .deleted:
        deleted += 1
        tell(.deleted(sub))
      case .kept:
        kept += 1
        tell(.kept(sub))
      }
      let checked = deleted + kept
      // Meanwhile others may have come to be missing.
      let fraction = Double(checked) / Double(max(missing, checked))
      tell(.checked(Progress(users: checked, fraction: fraction)))
    }
  }

  private func pruning(of record: RunRecord) -> Pruning {
    Pruning(
      record: record, pool: pool, connection: connection, isDryRun: options.isDryRun,
      settle: options.settle, limit: options.pruneLimit, evidence: evidence)
  }

  /// How many users the listing may hold, for want of anything better; nil where the table holds nobody either.
  private func estimatedTotal() throws(ReconciliationError) -> Int? {
    let count = try connection.run(CountUsers(ofPool: pool.text))
    return count > 0 ? count : nil
  }
}
