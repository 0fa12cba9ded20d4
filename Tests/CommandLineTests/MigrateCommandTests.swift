import Clock
import Foundation
import Postgres
import SchemaMigrations
import TestSupport
import XCTest

@testable import CommandLine

final class MigrateCommandTests: XCTestCase {
  func testMigratesOnceThenIsUpToDate() throws {
    let database = try TestDatabase(migrated: false)
    let url = ["DATABASE_URL": database.ownerURL]
    let before = try CommandRun.pooltable(["migrate", "--status"], environment: url)
    XCTAssertEqual(before.exitCode, 0)
    XCTAssertTrue(before.output.contains("0002_sync_user  pending"), before.output)

    let dry = try CommandRun.pooltable(["migrate", "--dry-run"], environment: url)
    XCTAssertTrue(dry.output.contains("CREATE FUNCTION cognito.sync_user"), dry.output)
    XCTAssertEqual(try database.value("SELECT to_regnamespace('cognito') IS NULL"), "t")

    let first = try CommandRun.pooltable(["migrate", "--database-url", database.ownerURL])
    XCTAssertEqual(first.exitCode, 0, first.errors)
    XCTAssertTrue(first.output.contains("applied  0001_users_and_roles"), first.output)
    let second = try CommandRun.pooltable(["migrate"], environment: url)
    XCTAssertEqual(second.output, "up to date\n")
    let after = try CommandRun.pooltable(["migrate", "--status"], environment: url)
    XCTAssertFalse(after.output.contains("pending"), after.output)
  }

  func testTheTextOfAMigrationIsTheSameWhateverEncodingTheTerminalNames() throws {
    let database = try TestDatabase(migrated: false)
    let url = ["DATABASE_URL": database.ownerURL]
    let run = try CommandRun.pooltable(
      ["migrate"], environment: url.merging(["PGCLIENTENCODING": "LATIN1"]) { $1 })
    XCTAssertEqual(run.exitCode, 0, run.errors)
    let status = try CommandRun.pooltable(["migrate", "--status"], environment: url)
    XCTAssertEqual(status.exitCode, 0, status.errors)
    XCTAssertFalse((status.output + status.errors).contains("another text"), status.output)
  }

  func testABadURLIsRefusedByNameBeforeAnythingIsTried() throws {
    for (query, words) in [("schema=canary", "'schema'"), ("sslmode=canary", "sslmode must be")] {
      let run = try CommandRun.pooltable(
        ["migrate"], environment: ["DATABASE_URL": "postgresql://db.example/app?\(query)"])
      XCTAssertEqual(run.exitCode, 1)
      XCTAssertTrue(run.errors.contains(words), run.errors)
      XCTAssertFalse(run.errors.contains("canary"), run.errors)
    }
  }

  func testTheFunctionsLoginIsToldThatTheOwnersIsNeeded() throws {
    let database = try TestDatabase()
    for arguments in [
      [], ["--status"], ["--dry-run"], ["--reader-role", database.handlerLogin],
    ] {
      let run = try CommandRun.pooltable(
        ["migrate"] + arguments, environment: ["DATABASE_URL": database.handlerURL])
      XCTAssertEqual(run.exitCode, 1, "\(arguments): \(run.output)")
      XCTAssertTrue(run.errors.contains("the login that owns the schema"), run.errors)
      XCTAssertFalse(run.errors.contains("--handler-role"), run.errors)
    }
  }

  func testTheHandlerRoleIsGranted() throws {
    let database = try TestDatabase()
    let mayCall = """
      SELECT has_function_privilege('\(database.handlerLogin)', 'cognito.sync_user'::regproc, 'EXECUTE')
      """
    try database.execute(
      "REVOKE EXECUTE ON FUNCTION cognito.sync_user FROM \(database.handlerLogin)")
    XCTAssertEqual(try database.value(mayCall), "f")
    let run = try CommandRun.pooltable(
      ["migrate", "--handler-role", database.handlerLogin],
      environment: ["DATABASE_URL": database.ownerURL])
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertEqual(try database.value(mayCall), "t")
  }

  func testTheReaderRoleIsGrantedHoweverOften() throws {
    let database = try TestDatabase()
    let reader = "\(database.handlerLogin)_reader"
    try database.execute("CREATE ROLE \(reader)")
    defer { try? database.execute("DROP OWNED BY \(reader); DROP ROLE \(reader)") }
    for _ in 1...2 {
      let run = try CommandRun.pooltable(
        ["migrate", "--reader-role", reader, "--handler-role", database.handlerLogin],
        environment: ["DATABASE_URL": database.ownerURL])
      XCTAssertEqual(run.exitCode, 0, run.errors)
      XCTAssertEqual(
        run.output,
        """
        up to date
        granted  the function's rights to \(database.handlerLogin)
        granted  a reader's rights to \(reader)

        """)
    }
    XCTAssertEqual(
      try database.value(
        """
        SELECT has_function_privilege('\(reader)', 'cognito.current_user_id()', 'EXECUTE')
          AND has_table_privilege('\(reader)', 'cognito.users_live', 'SELECT')
        """), "t")
  }

  func testAMissingReaderRoleIsToldBeforeAnythingIsChanged() throws {
    let database = try TestDatabase(migrated: false)
    let run = try CommandRun.pooltable(
      ["migrate", "--reader-role", "nobody"], environment: ["DATABASE_URL": database.ownerURL])
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(run.errors.contains("there is no role nobody: create it first"), run.errors)
    XCTAssertEqual(try database.value("SELECT to_regnamespace('cognito') IS NULL"), "t")
  }

  func testWhoIsInTheWayIsToldUntilTheLockTimeout() throws {
    let database = try TestDatabase(migrated: false)
    // All before the one that makes a trigger of the users' table.
    try Migrator(connection: database.owner, migrations: Array(Migration.all.prefix(3))).migrate()
    let reader = try Connection.open(
      ConnectionParameters(parsing: database.ownerURL + "?application_name=report"),
      until: .after(.seconds(10)))
    try reader.execute(
      script: "BEGIN; UPDATE cognito.users SET status = status", until: .after(.seconds(10)))
    let pid = try XCTUnwrap(
      try reader.query("SELECT pg_backend_pid()", until: .after(.seconds(10)))
        .text(row: 0, column: 0))
    let url = ["DATABASE_URL": database.ownerURL]
    let run = try CommandRun.pooltable(["migrate", "--lock-timeout", "700ms"], environment: url)
    XCTAssertEqual(run.exitCode, 1, run.errors)
    XCTAssertEqual(run.output, "")
    let lines = run.errors.split(separator: "\n")
    XCTAssertEqual(lines.count, 2, run.errors)
    XCTAssertTrue(
      lines.first?.hasPrefix(
        "waiting  0004_roles_to_cognito: pid \(pid) (report, user postgres, idle in")
        == true,
      run.errors)
    XCTAssertTrue(lines.first?.contains("trying again until 2") == true, run.errors)
    XCTAssertTrue(lines.last?.contains("pid \(pid) (report, ") == true, run.errors)

    try reader.execute(script: "ROLLBACK", until: .after(.seconds(10)))
    let again = try CommandRun.pooltable(["migrate", "--lock-timeout", "1min"], environment: url)
    XCTAssertEqual(again.exitCode, 0, again.errors)
    XCTAssertEqual(again.errors, "")
  }

  func testDurations() {
    let cases: [(String, Duration?)] = [
      ("500ms", .milliseconds(500)), ("30s", .seconds(30)), ("30", .seconds(30)), ("0", .zero),
      ("5min", .seconds(300)), ("5m", .seconds(300)), ("1h", .seconds(3600)), ("", nil), ("s", nil),
      ("-1s", nil), ("1.5s", nil), ("1 s", nil), ("30d", .seconds(2_592_000)), ("1w", nil),
      ("99999999999999999999s", nil),
      ("9999999999h", nil),
    ]
    for (text, duration) in cases {
      XCTAssertEqual(DurationArgument(argument: text)?.duration, duration, text)
    }
    XCTAssertEqual(DurationArgument(.seconds(300)).defaultValueDescription, "5min")
    XCTAssertEqual(DurationArgument(.seconds(90)).defaultValueDescription, "90s")
  }

  /// The command that the message names makes a database that can be migrated.
  func testADatabaseInLATIN1IsRefusedAndTheCommandForAnotherWorks() throws {
    let database = try TestDatabase(migrated: false, encoding: "LATIN1")
    let run = try CommandRun.pooltable(
      ["migrate"], environment: ["DATABASE_URL": database.ownerURL])
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(run.errors.contains("\(database.name) is LATIN1"), run.errors)
    let command = try XCTUnwrap(
      run.errors.range(of: "CREATE DATABASE .*", options: .regularExpression))
    try database.execute(String(run.errors[command]))
    defer { try? database.execute("DROP DATABASE \(database.name)_utf8 WITH (FORCE)") }
    var other = try XCTUnwrap(URLComponents(string: database.ownerURL))
    other.path = "/\(database.name)_utf8"
    let again = try CommandRun.pooltable(
      ["migrate"], environment: ["DATABASE_URL": try XCTUnwrap(other.string)])
    XCTAssertEqual(again.exitCode, 0, again.errors)
    XCTAssertEqual(again.errors, "")
  }

  func testInSQLASCIIAWarningIsPrinted() throws {
    let database = try TestDatabase(migrated: false, encoding: "SQL_ASCII")
    let run = try CommandRun.pooltable(
      ["migrate"], environment: ["DATABASE_URL": database.ownerURL])
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertTrue(run.errors.hasPrefix("warning: the database's encoding is SQL_ASCII"), run.errors)
    XCTAssertTrue(run.output.contains("applied  0001"), run.output)
  }

  func testErrorsGoToStandardErrorWithTheRemedy() throws {
    let database = try TestDatabase()
    let cases: [([String], [String: String], Int32, String)] = [
      (["migrate"], [:], 1, "set DATABASE_URL"),
      (["migrate", "--database-url", "canary-secret"], [:], 1, "PostgreSQL URI"),
      (
        ["migrate"], ["DATABASE_URL": "postgresql://127.0.0.1:\(try TCPRelay.unusedPort())/app"], 1,
        "refused"
      ),
      (
        ["migrate", "--handler-role", "nobody"], ["DATABASE_URL": database.ownerURL], 1,
        "create it first"
      ),
      (["migrate"], ["DATABASE_URL": database.url(user: "postgres", password: "x")], 1, "password"),
      (["migrate", "--status", "--dry-run"], [:], 64, "either"),
      (["migrate", "--status", "--handler-role", "a"], [:], 64, "--handler-role cannot go"),
      (["migrate", "--dry-run", "--reader-role", "a"], [:], 64, "--reader-role cannot go"),
      (["migrate", "--lock-timeout", "soon"], [:], 64, "soon"),
      (["migrate", "--nonsense"], [:], 64, "Unknown option"),
      (["nonsense"], [:], 64, "nonsense"),
    ]
    for (arguments, environment, code, words) in cases {
      let run = try CommandRun.pooltable(arguments, environment: environment)
      XCTAssertEqual(run.exitCode, code, "\(arguments): \(run.errors)")
      XCTAssertTrue(run.errors.contains(words), "\(arguments): \(run.errors)")
      XCTAssertEqual(run.output, "", "\(arguments)")
      XCTAssertFalse(run.errors.contains("canary"))
    }
  }

  func testALoginThatMayNotMigrateIsToldWhatItLacks() throws {
    let database = try TestDatabase(migrated: false)
    let login = database.handlerLogin
    try database.execute("CREATE ROLE \(login) LOGIN PASSWORD 'x'")
    let run = try CommandRun.pooltable(
      ["migrate"], environment: ["DATABASE_URL": database.url(user: login, password: "x")])
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(run.errors.contains("CREATE on the database"), run.errors)
  }
}
