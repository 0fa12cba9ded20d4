import ArgumentParser
import CognitoAPI
import Postgres
import UserImport

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Brings users along who were there before Cognito, with their passwords.",
    discussion: """
      Reads users from a query or a CSV file, takes those whose password hashes Cognito can import, writes the files \
      that it asks for, one algorithm each, and runs an import job for each file, one after the other. Look first with \
      --dry-run.

      Columns count by their names:

        username       how the user signs in (required)
        password_hash  as the old system has it, in whichever format
        legacy_id      the user's id there; becomes custom:legacy_id
        email, email_verified, name, "custom:plan" and so on
                       any attribute of the pool's, by its own name

      Cognito imports only users with a verified e-mail address or phone number, and where the pool verifies one of \
      them only, with that one. Others, and users whose hashes it does not take, are left to the migration trigger \
      (MIGRATE_USERS=on); those whose password cannot be brought along need a reset, with --reset by an import. Users who are in cognito.users, by legacy_id or by username, \
      are passed over: after a run, run 'pooltable reconcile' before another. No trigger runs for an import.

      The query is run in a transaction that only reads. Files with hashes have no name while they are used, so that \
      nothing is left of them, whatever happens. No hash and no attribute is ever shown.

      The needed permissions are cognito-idp:DescribeUserPool, GetCSVHeader, CreateUserImportJob, StartUserImportJob, \
      DescribeUserImportJob and, to pass the role to Cognito, iam:PassRole; to say which users failed also \
      logs:FilterLogEvents. The role lets cognito-idp.amazonaws.com write to CloudWatch \
      Logs.

      SIGINT ends before the next step; a job that was started goes on at Cognito.

      Exit codes: 0 all users of the files are in the pool, or all was looked at or written; 1 some are not; 64 the \
      command line is wrong.

      Example:

        pooltable import --user-pool-id eu-central-1_a1B2c3D4e \\
          --query users.sql --dry-run
      """)

  @OptionGroup var database: DatabaseOptions

  @Option(help: ArgumentHelp("The user pool, as eu-central-1_a1B2c3D4e.", valueName: "id"))
  var userPoolID: String

  @Option(
    help: ArgumentHelp("A file with one SELECT, whose rows are the users.", valueName: "file"),
    completion: .file())
  var query: String?

  @Option(
    help: ArgumentHelp(
      "The database that the query is for, where it is not the one with cognito.users.",
      valueName: "url"))
  var sourceURL: String?

  @Option(
    help: ArgumentHelp(
      """
      A CSV file with a header and the users, '-' for standard input. Without a database nobody is passed over.
      """, valueName: "file"),
    completion: .file())
  var from: String?

  @Option(
    help: ArgumentHelp("The attribute that legacy_id becomes.", valueName: "attribute"))
  var legacyAttribute = CustomAttribute.legacyID

  @Flag(
    help: """
      bcrypt hashes are made with a pepper, as devise's can be: Cognito cannot check them.
      """)
  var peppered = false

  @Flag(
    help: """
      Import also users whose password cannot be brought along: they have to choose a new one.
      """)
  var reset = false

  @Option(
    help: ArgumentHelp("The role by which Cognito writes the jobs' logs.", valueName: "arn"))
  var roleARN: String?

  @Option(
    help: ArgumentHelp(
      "Only write the files, into this folder. They hold hashes.", valueName: "folder"),
    completion: .directory)
  var out: String?

  @Flag(help: "Only show how many users fit, and why the others do not.")
  var dryRun = false

  @Flag(help: "Print one JSON object at the end, and nothing else but errors.")
  var json = false

  func validate() throws {
    guard UserPoolID(userPoolID) != nil else { throw ValidationError.userPoolID }
    guard (query == nil) != (from == nil) else {
      throw ValidationError("Give either --query or --from.")
    }
    if sourceURL != nil, query == nil { throw ValidationError("--source-url needs --query.") }
    if dryRun, out != nil { throw ValidationError("Give either --dry-run or --out.") }
    if dryRun || out != nil { return }
    guard let roleARN else {
      throw ValidationError("--role-arn is needed, but with --dry-run or --out.")
    }
    guard roleARN.hasPrefix("arn:"), roleARN.contains(":role/") else {
      throw ValidationError("--role-arn must be as arn:aws:iam::123456789012:role/import.")
    }
  }

  func run() throws {
    guard let pool = UserPoolID(userPoolID) else { throw ExitCode(64) }
    var output = ImportOutput(isJSON: json)
    var outcome = ImportOutcome(isDryRun: dryRun, folder: out)
    Interruption.listen()
    try CommandFailure.withRemedies(\.remedyForOwner) {
      let cognito = try CognitoClient.forCommandLine()
      let source = try source()
      var session = ImportSession(
        pool: pool, cognito: cognito, legacyAttribute: legacyAttribute.name, folder: out,
        isDryRun: dryRun, includesResets: reset, isPeppered: peppered)
      try session.read(source.rows, present: source.present, &output, &outcome)
      // Jobs take hours, and a transaction that long keeps the server from cleaning up.
      for connection in source.connections { connection.close() }
      if let roleARN, !dryRun, out == nil, !outcome.isInterrupted {
        try session.runJobs(role: roleARN, &output, &outcome)
      }
    }
    output.end(outcome)
    if !outcome.isComplete { throw ExitCode(1) }
  }

  private struct Sources {
    var rows: any ImportSource
    /// Where those are who are there already; nil where that is not known.
    var present: Connection?
    var connections: [Connection]
  }

  private func source() throws -> Sources {
    guard let query else {
      let file = try CSVSource(path: from ?? "-")
      let table = database.isGiven ? try database.connect() : nil
      return Sources(rows: file, present: table, connections: table.map { [$0] } ?? [])
    }
    let table = try database.connect()
    guard let sourceURL else {
      return Sources(
        rows: try QuerySource(path: query, table), present: table, connections: [table])
    }
    var other = database
    other.url = sourceURL
    let source = try other.connect()
    return Sources(
      rows: try QuerySource(path: query, source), present: table, connections: [table, source])
  }
}
