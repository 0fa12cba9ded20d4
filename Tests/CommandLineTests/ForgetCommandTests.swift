import Foundation
import TestSupport
import XCTest

/// `pooltable forget`, as somebody runs it who was asked to.
final class ForgetCommandTests: XCTestCase {
  private func forget(_ database: TestDatabase, _ arguments: String...) throws -> CommandRun {
    try CommandRun.pooltable(
      ["forget"] + arguments, environment: ["DATABASE_URL": database.ownerURL])
  }

  private func names(_ database: TestDatabase) throws -> String? {
    try database.value("SELECT string_agg(username, ',' ORDER BY username) FROM cognito.users")
  }

  func testUsersAreNamedByTheirRowsOrTheirSubs() throws {
    let database = try TestDatabase()
    let (ada, bob) = (
      try database.addUser("ada", deletedDaysAgo: 1), try database.addUser("bob", deletedDaysAgo: 1)
    )
    _ = try database.addUser("eve", deletedDaysAgo: 1)
    let before = try database.everything()
    let rehearsal = try forget(database, ada.id, bob.sub.uppercased(), "--dry-run")
    XCTAssertEqual(rehearsal.exitCode, 0, rehearsal.errors)
    XCTAssertEqual(rehearsal.output, "2 users would be forgotten\n")
    XCTAssertEqual(try database.everything(), before)

    let run = try forget(database, ada.id, bob.sub.uppercased(), ada.sub)
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertEqual(run.output, "2 users forgotten\n")
    XCTAssertEqual(try names(database), "eve")
    XCTAssertEqual(
      try database.value("SELECT count(*) FROM cognito.sign_ins"), "2", "those of eve")

    let again = try forget(database, ada.id, "--json")
    XCTAssertEqual(again.exitCode, 0, again.errors)
    XCTAssertEqual(
      again.output,
      #"{"complete":true,"dryRun":false,"forgotten":0,"refused":[],"unchanged":1}"# + "\n")
  }

  func testSignInsAreKeptWhereThatIsAskedFor() throws {
    let database = try TestDatabase()
    let ada = try database.addUser("ada", deletedDaysAgo: 1)
    XCTAssertEqual(try forget(database, ada.id, "--keep-sign-ins").exitCode, 0)
    XCTAssertNil(try names(database))
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.sign_ins"), "2")
    XCTAssertEqual(try forget(database, "--deleted-before", "0s").output, "1 user forgotten\n")
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.sign_ins"), "0")
  }

  func testOneWhoMustNotBeForgottenIsToldAndNobodyIs() throws {
    let database = try TestDatabase()
    let (ada, bob) = (
      try database.addUser("ada", deletedDaysAgo: 1), try database.addUser("bob")
    )
    let nobody = UUID().uuidString.lowercased()
    let before = try database.everything()
    let run = try forget(database, ada.id, bob.sub, nobody)
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertEqual(run.output, "nobody was forgotten\n")
    XCTAssertTrue(
      run.errors.contains("\(bob.sub) is not marked as deleted; 'pooltable reconcile --prune'"),
      run.errors)
    XCTAssertTrue(
      run.errors.contains("no row of cognito.users has the id or sub \(nobody)"), run.errors)
    XCTAssertFalse(run.errors.contains(ada.id), run.errors)
    let json = try forget(database, bob.id, ada.id, "--json", "--dry-run")
    XCTAssertEqual(json.exitCode, 1)
    XCTAssertEqual(
      json.output,
      #"{"complete":false,"dryRun":true,"forgotten":0,"refused":[{"reason":"not_deleted","user":"\#(bob.id)"}],"unchanged":0}"#
        + "\n")
    XCTAssertEqual(try database.everything(), before)
  }

  func testASubOfSeveralPoolsIsAskedAbout() throws {
    let database = try TestDatabase()
    let ada = try database.addUser("ada", deletedDaysAgo: 1)
    let other = try database.addUser("other", pool: "eu-central-1_b", deletedDaysAgo: 1)
    try database.query(
      "UPDATE cognito.users SET sub = $1::uuid WHERE id = $2::uuid", [ada.sub, other.id])
    let unclear = try forget(database, ada.sub)
    XCTAssertEqual(unclear.exitCode, 1)
    XCTAssertTrue(unclear.errors.contains("--user-pool-id"), unclear.errors)
    XCTAssertEqual(try names(database), "ada,other")
    XCTAssertEqual(try forget(database, ada.sub, "--user-pool-id", TestDatabase.pool).exitCode, 0)
    XCTAssertEqual(try names(database), "other")
    XCTAssertEqual(try forget(database, other.id).exitCode, 0)
    XCTAssertNil(try names(database))
  }

  func testAllWhoWereMarkedLongAgoAreForgotten() throws {
    let database = try TestDatabase()
    _ = try database.addUser("elsewhere", pool: "eu-central-1_b", deletedDaysAgo: 40)
    _ = try database.addUser("new", deletedDaysAgo: 20)
    _ = try database.addUser("live")
    // More than are forgotten at a time.
    try database.execute(
      """
      INSERT INTO cognito.users (user_pool_id, sub, username, observed_at, deleted_at)
      SELECT '\(TestDatabase.pool)', gen_random_uuid(), 'old', now(), now() - interval '31 days'
      FROM generate_series(1, 1234)
      """)
    let rehearsal = try forget(database, "--deleted-before", "30d", "--dry-run", "--json")
    XCTAssertEqual(
      rehearsal.output,
      #"{"complete":true,"dryRun":true,"forgotten":1235,"refused":[],"unchanged":0}"# + "\n")
    let run = try forget(
      database, "--deleted-before", "30d", "--user-pool-id", TestDatabase.pool)
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertEqual(run.output, "1,234 users forgotten\n")
    XCTAssertEqual(try names(database), "elsewhere,live,new")
    XCTAssertEqual(try forget(database, "--deleted-before", "30d").output, "1 user forgotten\n")
    XCTAssertEqual(try forget(database, "--deleted-before", "30d").output, "0 users forgotten\n")
    XCTAssertEqual(try names(database), "live,new")
  }

  func testAWrongCommandLineIsToldBeforeAnythingIsDone() throws {
    let database = try TestDatabase()
    let ada = try database.addUser("ada", deletedDaysAgo: 1)
    let before = try database.everything()
    let cases: [([String], String)] = [
      ([], "--deleted-before"), (["ada"], "ada"), ([ada.id, ada.id + "0"], ada.id + "0"),
      (["{\(ada.id)}"], "id|sub"), ([ada.id, "--deleted-before", "30d"], "--deleted-before"),
      (["--deleted-before", "30 days"], "30 days"), (["--deleted-before=-1d"], "-1d"),
      (["--deleted-before", "36501d"], "36500d"),
      ([ada.id, "--user-pool-id", "pool"], "eu-central-1_"),
    ]
    for (arguments, text) in cases {
      let run = try CommandRun.pooltable(
        ["forget"] + arguments, environment: ["DATABASE_URL": database.ownerURL])
      XCTAssertEqual(run.exitCode, 64, "\(arguments): \(run.errors)")
      XCTAssertTrue(run.errors.contains(text), run.errors)
    }
    XCTAssertEqual(try database.everything(), before)
  }

  func testTheFunctionsLoginMayNotForget() throws {
    let database = try TestDatabase()
    let ada = try database.addUser("ada", deletedDaysAgo: 1)
    for arguments in [[ada.id], ["--deleted-before", "0d"]] {
      let run = try CommandRun.pooltable(
        ["forget"] + arguments, environment: ["DATABASE_URL": database.handlerURL])
      XCTAssertEqual(run.exitCode, 1)
      XCTAssertTrue(run.errors.contains("the login that owns the schema"), run.errors)
    }
    XCTAssertEqual(try names(database), "ada")
  }
}
