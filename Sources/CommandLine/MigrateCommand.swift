import ArgumentParser
import Postgres
import SchemaMigrations

struct MigrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Brings the schema 'cognito' up to date.",
    discussion: """
      Applies the migrations that are not applied yet, each in a transaction of its own. It is \
      safe to run again, and from two places at once. Connect directly, not through a pooler in \
      transaction mode, with a login that may create schemas.

      When a running transaction has locked a table, this command waits without making others \
      wait: it tries for a tenth of a second at a time, with pauses between, and says who holds \
      the lock.

      Exits with 1 when a migration failed (it is rolled back, those before it stay), when an \
      applied migration has another text than this program's, when the database is newer, or \
      when its encoding cannot hold every name.

      Example:

        pooltable migrate --database-url postgres://owner@db.example.com/app \\
          --handler-role pooltable_function
      """)

  @OptionGroup var database: DatabaseOptions

  @Flag(help: "Only show which migrations are applied and which are pending.")
  var status = false

  @Flag(help: "Only show the SQL that would be run.")
  var dryRun = false

  @Option(
    help: ArgumentHelp(
      """
      Also let this login (the one of the Lambda function) call what the function calls, and set its \
      statement_timeout; both in this database only.
      """, valueName: "name"))
  var handlerRole: String?

  @Option(
    help: ArgumentHelp(
      """
      Also let this login (an application's) ask who a token's user is, and read users_live and \
      memberships; in this database only.
      """, valueName: "name"))
  var readerRole: String?

  @Option(help: ArgumentHelp("How long to try to get locks, in all.", valueName: "duration"))
  var lockTimeout = DurationArgument(.seconds(300))

  func validate() throws {
    if status && dryRun { throw ValidationError("Give either --status or --dry-run.") }
    for (option, role) in [("--handler-role", handlerRole), ("--reader-role", readerRole)]
    where role != nil && (status || dryRun) {
      throw ValidationError("\(option) cannot go with --status or --dry-run.")
    }
  }

  func run() throws {
    try CommandFailure.withRemedies(\.remedyForOwner, work)
  }

  private func work() throws {
    let migrator = Migrator(
      connection: try database.connect(), lockTimeout: lockTimeout.duration)
    if status {
      for (migration, state) in try migrator.status() {
        print("\(migration.title)  \(state.rawValue)")
      }
    } else if dryRun {
      for (migration, state) in try migrator.status() where state == .pending {
        print("-- \(migration.title)\n\n\(migration.sql)")
      }
    } else {
      for role in [handlerRole, readerRole].compactMap(\.self) { try migrator.requireRole(role) }
      if let warning = try migrator.encoding().warning {
        StandardError.print("warning: \(warning)")
      }
      var count = 0
      var told: [LockHolder]?
      try migrator.migrate(
        report: { migration in
          count += 1
          print("applied  \(migration.title)")
        },
        waiting: { wait in
          // Once for each that is in the way, not for each attempt.
          guard told != wait.holders else { return }
          told = wait.holders
          StandardError.print("waiting  \(wait.migration.title): \(wait)")
        })
      if count == 0 { print("up to date") }
      if let handlerRole {
        try migrator.grantHandler(to: handlerRole)
        print("granted  the function's rights to \(handlerRole)")
      }
      if let readerRole {
        try migrator.grantReader(to: readerRole)
        print("granted  a reader's rights to \(readerRole)")
      }
    }
  }
}

extension Migration {
  /// As the file is named: `0001_users_and_roles`.
  var title: String {
    let number = String(version)
    return String(repeating: "0", count: max(0, 4 - number.count)) + number + "_" + name
  }
}
