import ArgumentParser
import Clock
import Postgres
import UserTable

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Shows how fresh the table is, and fails when it is too old.",
    discussion: """
      For each user pool of the table:

      last write: when a user's row was last changed, by an event, a record or 'pooltable \
      reconcile'. An event that shows nothing new writes nothing: a quiet pool may write nothing \
      for days, and all is well.

      last sign-in: the last that was recorded, with TRACK_SIGN_INS=on.

      last reconciliation: when the last run ended that read a whole listing, and what it found. \
      Dry runs do not count. A later run that is under way, was interrupted or was incomplete is \
      shown, too.

      sign-ins without a row: users whom that run found at Cognito but not in the table, and who \
      may have signed in before: their status was CONFIRMED or EXTERNAL_PROVIDER. After a first \
      run that is nearly everybody; later it should be 0, or a trigger is missing or fails.

      oldest change to push: how long the oldest role has waited to become a group. What is kept \
      with an error is counted, and does not age (see 'pooltable push --status').

      Reads the whole table of users once, about a second for a million, and writes nothing. \
      Connect with the login that owns the schema.

      Exits with 0 when nothing is too old, and with 1 when something is, by --max-age or \
      --max-event-age, or when the table knows of no user pool. Without these options it only \
      shows.

      Example:

        pooltable status --max-age 26h
      """)

  @OptionGroup var database: DatabaseOptions

  @Option(
    help: ArgumentHelp(
      """
      How old the last reconciliation of each pool may be, and the oldest change to push, as 26h. A pool that was \
      never reconciled is too old.
      """, valueName: "duration"))
  var maxAge: DurationArgument?

  @Option(
    help: ArgumentHelp(
      """
      How old the later of the last write and the last sign-in of each pool may be. For pools in which somebody \
      signs up or in more often than that.
      """, valueName: "duration"))
  var maxEventAge: DurationArgument?

  @Flag(help: "Let changes to push be of any age: where roles are never pushed.")
  var ignoreOutbox = false

  @OptionGroup var pool: PoolOption

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if ignoreOutbox && maxAge == nil {
      throw ValidationError("--ignore-outbox goes with --max-age only.")
    }
  }

  func run() throws {
    let freshness = try CommandFailure.withRemedies(\.remedyForOwner) {
      try database.connect().run(
        FreshnessCall(userPoolID: pool.userPoolID), until: .after(.seconds(60)))
    }
    let limits = FreshnessLimits(
      maxAge: maxAge?.duration, maxEventAge: maxEventAge?.duration, ignoresOutbox: ignoreOutbox)
    let report = FreshnessReport(freshness, limits)
    for problem in report.problems { StandardError.print(problem) }
    if json {
      print(report.jsonText)
    } else {
      for line in report.lines { StandardOutput.print(line) }
    }
    if !report.isFresh { throw ExitCode(1) }
  }
}

/// From when on something is too old; nil for never.
struct FreshnessLimits {
  var maxAge: Duration?
  var maxEventAge: Duration?
  var ignoresOutbox = false

  var areAny: Bool { maxAge != nil || maxEventAge != nil }

  /// What of a pool is too old, and what to do about it.
  func problems(of pool: PoolFreshness, at now: Timestamp) -> [String] {
    var problems: [String] = []
    func require(
      _ time: Timestamp?, within limit: Duration?, _ what: String, orElse never: String?
    ) {
      guard let limit else { return }
      guard let age = time.map({ Age(of: $0, at: now) }) else {
        if let never { problems.append(never) }
        return
      }
      guard age.duration > limit else { return }
      problems.append("\(what) \(age), more than \(Age(limit).words)")
    }
    require(
      pool.lastEventAt, within: maxEventAge, "the last event was written",
      orElse: "no event was ever written: 'pooltable doctor' says which triggers are missing")
    require(
      pool.reconciliation?.finishedAt, within: maxAge, "the last reconciliation ended",
      orElse: "never reconciled as a whole: run 'pooltable reconcile'")
    require(
      pool.outbox.oldestAt, within: ignoresOutbox ? nil : maxAge,
      "the oldest change to push was made", orElse: nil)
    return problems
  }
}

extension PoolFreshness {
  /// The later of the last write and the last sign-in.
  fileprivate var lastEventAt: Timestamp? {
    [lastWrittenAt, lastSignInAt].compactMap(\.self).max()
  }
}
