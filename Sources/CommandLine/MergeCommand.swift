import ArgumentParser
import CognitoTriggers
import Postgres
import UserTable

struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Lets one user take the place of another, whom Cognito no longer has.",
    discussion: """
      For a person who had two subs: for example, a federated user who was deleted and linked to \
      a native one. The view cognito.duplicates shows who may be one person.

      In one transaction every foreign key that references cognito.users (id), in any schema, is \
      moved from OLD to NEW; NEW also gets OLD's roles and sign-ins; and OLD is marked \
      (merged_into). OLD's row stays, and no later event or listing changes it. OLD must be \
      marked as deleted, NEW must be live, and both must be of one pool. It may be run again, \
      for what has come to reference OLD since.

      Nothing at all is done where something is in the way, and each obstacle is named: a row \
      that NEW has already (by a unique or an exclusion constraint), a foreign key with more \
      columns than the id, a table that this login may not update, a constraint or trigger that \
      refuses. With --dry-run all of it is done, and rolled back: it waits for locks, and others \
      for it, as a real run.

      Where a pool has moved, so that its users have new subs, and each has the old one in an \
      attribute, --by names that attribute, and all pairs are merged, each in a transaction of its \
      own. The two may be of different pools then; OLD need not be marked as deleted, and is. \
      Whoever may write the attribute may be anybody: no app client's users may. Who is in doubt \
      is told and left alone: as when two name the same sub. It can be interrupted, and run \
      again. Not through a pooler in transaction mode.

      Connect with the login that owns the schema, and that may update the tables that reference \
      it.

      Exits with 1 when nothing was merged; with --by when somebody was left.

      Example:

        pooltable merge --dry-run 0b9c1f6e-3a52-4c0e-8f0b-5d1c2a7e9b14 \\
          7f3d2c1b-6e5a-4d8c-9b0a-1f2e3d4c5b6a
        pooltable merge --by attribute:custom:legacySub --dry-run
      """)

  @OptionGroup var database: DatabaseOptions

  @Argument(help: ArgumentHelp("Who gives place: the id of the row, or the sub."))
  var old: UserReference?

  @Argument(help: ArgumentHelp("Who takes it: the id of the row, or the sub."))
  var new: UserReference?

  @Option(
    help: ArgumentHelp(
      "Every live user with the sub of the old row in this attribute, as attribute:custom:legacySub.",
      valueName: "attribute:name"))
  var by: NamingAttribute?

  @OptionGroup var pool: PoolOption

  @Option(
    help: ArgumentHelp(
      "With --by: only users of this user pool give place. (default: every pool of the table)",
      valueName: "id"))
  var fromUserPoolID: String?

  @Flag(help: "Only show what would be moved, or what is in the way.")
  var dryRun = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if by != nil {
      guard old == nil else { throw ValidationError("Give either OLD and NEW or --by.") }
      guard let fromUserPoolID, UserPoolID(fromUserPoolID) == nil else { return }
      throw ValidationError.userPoolID
    }
    guard let old, let new else {
      throw ValidationError("Give OLD and NEW, or --by attribute:NAME.")
    }
    if old == new { throw ValidationError("OLD and NEW must be two users.") }
    guard fromUserPoolID == nil else { throw ValidationError("--from-user-pool-id needs --by.") }
  }

  func run() throws {
    if let by {
      try mergeAll(by: by)
    } else if let old, let new {
      try merge(old, into: new)
    }
  }

  private func mergeAll(by attribute: NamingAttribute) throws {
    Interruption.listen()
    let result = try CommandFailure.withRemedies(\.remedyForOwner) {
      try MovedUsersMerge(
        connection: try database.connect(), attribute: attribute.name, newPool: pool.userPoolID,
        oldPool: fromUserPoolID, isDryRun: dryRun, printsJSON: json
      ).run()
    }
    if json { print(result.jsonText) } else { StandardOutput.print(result.line) }
    if !result.isComplete { throw ExitCode(1) }
  }

  private func merge(_ old: UserReference, into new: UserReference) throws {
    let outcome = try CommandFailure.withRemedies(\.remedyForOwner) {
      try merge(old, into: new, on: try database.connect())
    }
    for problem in outcome.result.problems {
      StandardError.print("refused: " + problem.text(old: "\(old)", new: "\(new)"))
    }
    if json {
      print(outcome.jsonText)
    } else {
      for line in outcome.lines { StandardOutput.print(line) }
    }
    if !outcome.isMerged { throw ExitCode(1) }
  }

  private func merge(
    _ old: UserReference, into new: UserReference, on connection: Connection
  ) throws -> MergeOutcome {
    var outcome = MergeOutcome(old: "\(old)", new: "\(new)", isDryRun: dryRun)
    let found = try connection.run(
      UserLookup([old, new], userPoolID: pool.userPoolID), until: .forWholeTable)
    if found.contains(.ambiguous) {
      throw CommandFailure(
        "a sub is in several user pools: name one with --user-pool-id, or give the ids of the rows")
    }
    switch (found.first, found.last) {
    case (.row(let oldID), .row(let newID)):
      (outcome.old, outcome.new) = (oldID, newID)
      outcome.result = try connection.run(
        MergeUsersCall(oldID: oldID, newID: newID, isDryRun: dryRun), until: .forWholeTable)
    case (.row, _): outcome.result.problems = [MergeProblem(kind: .newUnknown)]
    default: outcome.result.problems = [MergeProblem(kind: .oldUnknown)]
    }
    return outcome
  }
}
