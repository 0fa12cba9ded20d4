import TestSupport
import XCTest

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

  func testTheHandlerRoleIsGranted() throws {
    let database = try TestDatabase()
    try database.execute(
      "REVOKE cognito_handler FROM \(database.handlerLogin)")
    let run = try CommandRun.pooltable(
      ["migrate", "--handler-role", database.handlerLogin],
      environment: ["DATABASE_URL": database.ownerURL])
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertEqual(
      try database.value(
        "SELECT pg_has_role('\(database.handlerLogin)', 'cognito_handler', 'USAGE')"), "t")
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
