import ArgumentParser
import JSON
import Postgres
import UserTable

struct ForgetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget",
    abstract: "Removes the personal data of users who are marked as deleted.",
    discussion: """
      Name, addresses, attributes, identities, metadata and sign-ins go, and so do changes of \
      roles that wait to be pushed. The row stays with its id and sub, for the tables that \
      reference it, and no later event or listing brings anything back. It cannot be undone.

      Name users by the id of their row or by their sub. If one of them is not marked as \
      deleted, that one is refused, and nobody is forgotten. With --deleted-before some hundred \
      are forgotten at a time; it can be interrupted, and run again.

      Connect with the login that owns the schema.

      Exits with 0 when all of them are forgotten, by this run or an earlier one; with 1 when \
      somebody was refused, or it was interrupted.

      Example:

        pooltable forget --deleted-before 30d --dry-run
      """)

  /// Longer than any table is old; further back PostgreSQL's times end.
  private static let longestAge = Duration.seconds(36_500 * 86_400)

  @OptionGroup var database: DatabaseOptions

  @Argument(help: ArgumentHelp("The id of a row, or a sub.", valueName: "id|sub"))
  var users: [UserReference] = []

  @Option(
    help: ArgumentHelp(
      "Everybody who was marked as deleted so long ago, as 30d.", valueName: "duration"))
  var deletedBefore: DurationArgument?

  @OptionGroup var pool: PoolOption

  @Flag(help: "Keep when the users signed in.")
  var keepSignIns = false

  @Flag(help: "Only show how many it would be.")
  var dryRun = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard users.isEmpty != (deletedBefore == nil) else {
      throw ValidationError("Give either users or --deleted-before.")
    }
    if let deletedBefore, deletedBefore.duration > Self.longestAge {
      throw ValidationError("--deleted-before must be 36500d at most.")
    }
  }

  func run() throws {
    let outcome = try CommandFailure.withRemedies(\.remedyForOwner) {
      let connection = try database.connect()
      guard let deletedBefore else { return try forgetNamed(on: connection) }
      return try forgetAll(olderThan: deletedBefore.duration, on: connection)
    }
    for refusal in outcome.refused { StandardError.print(refusal.line) }
    if json {
      print(outcome.jsonText)
    } else {
      StandardOutput.print(outcome.line)
    }
    if !outcome.isComplete { throw ExitCode(1) }
  }

  private func forgetNamed(on connection: Connection) throws(PostgresError) -> Outcome {
    var outcome = Outcome(isDryRun: dryRun)
    var ids: [String: UserReference] = [:]
    let found = try connection.run(
      UserLookup(users, userPoolID: pool.userPoolID), until: .forWholeTable)
    for (user, found) in zip(users, found) {
      switch found {
      case .row(let id): ids[id] = user
      case .unknown: outcome.refused.append(Refusal(user: user, reason: .unknown))
      case .ambiguous: outcome.refused.append(Refusal(user: user, reason: .ambiguous))
      }
    }
    // Who else would be refused is worth knowing.
    let isRefused = !outcome.refused.isEmpty
    let forgotten = try connection.run(
      ForgetUsersCall(
        ids: ids.keys.sorted(), keepsSignIns: keepSignIns, isDryRun: dryRun || isRefused),
      until: .forWholeTable)
    for (id, result) in forgotten.sorted(by: { $0.key < $1.key }) {
      switch result {
      case .notDeleted, .unknown:
        guard let user = ids[id] else { continue }
        outcome.refused.append(
          Refusal(user: user, reason: result == .unknown ? .unknown : .notDeleted))
      case .forgotten: outcome.forgotten += 1
      case .unchanged: outcome.unchanged += 1
      }
    }
    if !outcome.refused.isEmpty { (outcome.forgotten, outcome.unchanged) = (0, 0) }
    return outcome
  }

  private func forgetAll(
    olderThan age: Duration, on connection: Connection
  ) throws(PostgresError) -> Outcome {
    Interruption.listen()
    var outcome = Outcome(isDryRun: dryRun)
    let call = ForgetDeletedUsersCall(
      age: age, userPoolID: pool.userPoolID, keepsSignIns: keepSignIns, isDryRun: dryRun)
    do {
      while !Interruption.isRequested {
        let count = try connection.run(call, until: .forWholeTable)
        outcome.forgotten += count
        if count == 0 || dryRun { return outcome }
      }
    } catch {
      if outcome.forgotten > 0 {
        StandardError.print(
          "\(outcome.forgotten.counted("user")) had been forgotten before it failed: run it again for the others"
        )
      }
      throw error
    }
    outcome.isInterrupted = true
    return outcome
  }
}

extension ForgetCommand {
  /// Somebody whom the command leaves as they are.
  fileprivate struct Refusal {
    enum Reason: String {
      case notDeleted = "not_deleted"
      case unknown
      case ambiguous
    }

    var user: UserReference
    var reason: Reason

    var line: String {
      switch reason {
      case .notDeleted:
        "refused: \(user) is not marked as deleted; 'pooltable reconcile --prune' marks whom Cognito does "
          + "not have any more"
      case .unknown: "refused: no row of cognito.users has the id or sub \(user)"
      case .ambiguous: "refused: \(user) is in several user pools; name one with --user-pool-id"
      }
    }
  }

  fileprivate struct Outcome {
    var isDryRun: Bool
    var forgotten = 0
    var unchanged = 0
    var isInterrupted = false
    var refused: [Refusal] = []

    var isComplete: Bool { refused.isEmpty && !isInterrupted }

    var line: String {
      if !refused.isEmpty { return "nobody was forgotten" }
      return forgotten.counted("user") + (isDryRun ? " would be forgotten" : " forgotten")
        + (unchanged > 0 ? ", \(unchanged.grouped) already were" : "")
        + (isInterrupted ? ", interrupted: run it again for the others" : "")
    }
  }
}

extension ForgetCommand.Outcome: JSONWritable {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("complete", isComplete)
      json.member("dryRun", isDryRun)
      json.member("forgotten", forgotten)
      json.member("refused", refused)
      json.member("unchanged", unchanged)
    }
  }
}

extension ForgetCommand.Refusal: JSONWritable {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("reason", reason.rawValue)
      json.member("user", user.description)
    }
  }
}
