import AWS
import ArgumentParser
import Clock
import CognitoAPI
import FoundationEssentials
import Postgres
import Reconciliation
import TriggerFunction

struct ReconcileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconcile",
    abstract: "Brings cognito.users in line with what Cognito lists.",
    discussion: """
      For users that no trigger brings: created by an administrator, imported, migrated, or \
      there before the deployment; for changed or deleted attributes; and for deleted users. \
      Reads ListUsers page by page, or a file, and writes what differs, by the rules of the \
      triggers. Listings lag behind: what a trigger has written since Cognito last changed the \
      user stays, if that is not longer ago than --settle; the next run mends what was left. It \
      can be run at any time, and again.

        inserted   was not in the table
        updated    differed, and was changed
        deleted    was not in the listing, is gone, and was marked (--prune)
        kept       was not in the listing, but is there (--prune)
        unchanged  nothing was written
        dated      only Cognito's time of the last change was new, and was noted
        stale      differs, but the table holds something newer than the listing
        skipped    could not be read, or has no sub
        refused    was not taken by PostgreSQL

      AWS credentials are found as the AWS command line finds them. The needed permission is \
      cognito-idp:ListUsers; with --prune also AdminGetUser, with --write-back \
      AdminUpdateUserAttributes, with --roles AdminListGroupsForUser, with --repair \
      AdminAddUserToGroup, AdminRemoveUserFromGroup and CreateGroup. Connect directly, not \
      through a pooler in transaction mode, with the login that owns the schema.

      SIGINT ends after the statement that is under way; a second one ends at once.

      Exit codes: 0 in step, nothing differed; 2 changed, all differences were mended; 3 \
      differences are left (dry run, stale, skipped or refused users, nobody marked though \
      --prune was given, an incomplete listing, interrupted); 1 failed, or a listing without a \
      user; 64 the command line is wrong.

      Example:

        pooltable reconcile --user-pool-id eu-central-1_a1B2c3D4e --dry-run --verbose
      """)

  @OptionGroup var database: DatabaseOptions

  @Option(help: ArgumentHelp("The user pool, as eu-central-1_a1B2c3D4e.", valueName: "id"))
  var userPoolID: String

  @Option(
    help: ArgumentHelp(
      """
      Read this file ('-' is standard input) instead of calling AWS: what 'aws cognito-idp list-users \
      --output json' prints, one document or several, or one user after the other; plain or gzip.
      """, valueName: "file"),
    completion: .file())
  var from: String?

  @Option(
    help: ArgumentHelp(
      """
      When the listing in the file was begun, as 2026-11-21T08:30:00Z. (default: the file's time, or \
      now for standard input)
      """, valueName: "time"))
  var observedAt: String?

  @Flag(help: "Only show what would change.")
  var dryRun = false

  @Flag(help: "Also name each user that differs, by its sub, and the columns.")
  var verbose = false

  @Flag(help: "With --verbose, also show what the columns hold and held: personal data.")
  var showValues = false

  @Flag(
    help: """
      Mark users as deleted (deleted_at) that are not in the listing, when it was read to its end, and \
      that Cognito, asked one by one, does not have. One who is listed again is unmarked, with or without \
      this.
      """)
  var prune = false

  @Flag(help: "With --prune, mark by the listing alone, and ask nobody.")
  var trustListing = false

  @Option(
    help: ArgumentHelp(
      """
      How long a listing may lag behind what triggers see, as 90s, 15min or 1h. A trigger's word within \
      it stays.
      """, valueName: "duration"))
  var settle = DurationArgument(Reconciler.Options().settle)

  @Option(
    help: ArgumentHelp(
      "Ask in this region, which has a replica of the pool. (default: the pool's own)",
      valueName: "region"))
  var region: String?

  @Option(
    help: ArgumentHelp(
      "Mark nobody when it would be more than this part of the pool's users.", valueName: "percent")
  )
  var maxPrune = 5.0

  @Option(
    help: ArgumentHelp(
      "Requests a second, at most; fewer after each that Cognito throttles.", valueName: "n"))
  var maxRate = PoolListing.defaultRate

  @Flag(
    help: """
      Resume the pool's last run where it was interrupted, if it was one of the same listing; otherwise \
      begin anew.
      """)
  var resume = false

  @Option(
    defaultAsFlag: CustomAttribute.userID,
    help: ArgumentHelp(
      """
      Then give every user of the pool that lacks it the id of its row as this attribute, custom:userId \
      where none is named.
      """, valueName: "attribute"))
  var writeBack: CustomAttribute?

  @Flag(
    help: """
      Then compare every user's groups with the user's roles, one call for each user; groups that no \
      role names do not count.
      """)
  var roles = false

  @Flag(help: "With --roles, add and remove what differs, and make groups that are missing.")
  var repair = false

  @Flag(help: "Print one JSON object at the end, and nothing else but errors.")
  var json = false

  func validate() throws {
    guard UserPoolID(userPoolID) != nil else {
      throw ValidationError.userPoolID
    }
    guard (0...100).contains(maxPrune) else {
      throw ValidationError("--max-prune must be from 0 to 100.")
    }
    guard maxRate > 0, maxRate <= 1000 else {
      throw ValidationError("--max-rate must be more than 0, and 1000 at most.")
    }
    if showValues && !verbose { throw ValidationError("--show-values needs --verbose.") }
    if trustListing && !prune { throw ValidationError("--trust-listing needs --prune.") }
    guard settle.duration <= .seconds(86_400) else {
      throw ValidationError("--settle must be a day at most.")
    }
    if let region, !Partition.isRegion(region) {
      throw ValidationError.region
    }
    if repair && !roles { throw ValidationError("--repair needs --roles.") }
    if verbose && json { throw ValidationError("Give either --verbose or --json.") }
    if let observedAt {
      guard from != nil else { throw ValidationError("--observed-at needs --from.") }
      guard Timestamp(iso8601: observedAt) != nil else {
        throw ValidationError("--observed-at must be a time as 2026-11-21T08:30:00Z.")
      }
    }
  }

  func run() throws {
    guard let id = UserPoolID(userPoolID) else { throw ExitCode(64) }
    let pool = region.map(id.served(in:)) ?? id
    let parameters = try database.parameters()
    Interruption.listen()
    let stop = StopRequest { Interruption.isRequested }
    // One for both: what the listing and the database wait for is told in turn.
    let waits = RetryNotice.teller()
    let listing = try listing(of: pool, until: stop, waits: waits)
    let connection = TableConnection(
      pool: pool, until: stop, waits: waits, remedy: \.remedyForOwner
    ) { () throws(PostgresError) in
      try Connection.open(parameters, until: .after(.seconds(15)))
    }
    var options = Reconciler.Options()
    options.isDryRun = dryRun
    options.resumes = resume
    options.settle = settle.duration
    options.prunes = prune
    options.pruneLimit = maxPrune
    options.withValues = showValues
    var output = ReconcileOutput(isVerbose: verbose, isJSON: json)
    let reconciler = Reconciler(
      pool, from: listing, to: connection, options: options,
      evidence: evidence(in: pool, until: stop, waits: waits)
    ) { event in
      output.show(event)
    }
    let report = reconciler.run()
    let followUp = ReconcileFollowUp(
      pool: pool, database: database, isDryRun: dryRun, attribute: writeBack, comparesRoles: roles,
      repairsRoles: repair)
    var result = ReconcileFollowUp.Result()
    // Where the users are not known to be right, nothing is derived from them.
    if followUp.isWanted, report.ending == .complete, report.verdict != .failed {
      result = output.follow(followUp)
    }
    // It holds the pool's lock, which is for all that the run does.
    withExtendedLifetime(connection) {}
    let outcome = ReconcileOutcome(report, result)
    output.end(outcome)
    let code = outcome.verdict.exitCode
    if code != 0 { throw ExitCode(code) }
  }

  /// What marks a user as deleted whom the listing does not show.
  private func evidence(
    in pool: UserPoolID, until stop: StopRequest, waits: @escaping WaitNotice
  ) -> Pruning.Evidence {
    guard prune, !trustListing else { return .listing }
    do {
      let client = try CognitoClient.forCommandLine(backOff: nil)
      return .presence(
        PoolPresence(in: pool, client: client, rate: maxRate, until: stop, waits: waits))
    } catch {
      return .none(error.description)
    }
  }

  private func listing(
    of pool: UserPoolID, until stop: StopRequest, waits: @escaping WaitNotice
  ) throws -> any UserListing {
    if let from {
      do {
        return try FileListing(
          path: from, observedAt: observedAt.flatMap { Timestamp(iso8601: $0) }, until: stop)
      } catch {
        throw CommandFailure("\(from): \(error)")
      }
    }
    // The listing's own pace decides when a call is tried again.
    let client = try CognitoClient.forCommandLine(backOff: nil)
    return PoolListing(of: pool, client: client, rate: maxRate, until: stop, waits: waits)
  }
}
