import Clock
import Foundation
import Postgres
import TestSupport
import XCTest

@testable import CommandLine
@testable import UserTable

/// `pooltable status`, as an operator runs it, or an alarm.
final class StatusCommandTests: XCTestCase {
  private let pool = TestDatabase.pool
  private let other = "eu-central-1_b"

  private func status(_ database: TestDatabase, _ arguments: String...) throws -> CommandRun {
    try CommandRun.pooltable(
      ["status"] + arguments, environment: ["DATABASE_URL": database.ownerURL])
  }

  private func json(_ run: CommandRun) throws -> [String: Any] {
    XCTAssertEqual(run.output.filter { $0 == "\n" }.count, 1, run.output)
    return try XCTUnwrap(
      try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
  }

  private func pools(_ run: CommandRun) throws -> [[String: Any]] {
    try XCTUnwrap(try json(run)["pools"] as? [[String: Any]])
  }

  /// A run as `reconcile` records it.
  ///
  /// - Parameters:
  ///   - finished: how long ago, as an interval; nil for one that is not at its end.
  ///   - whole: nil for a dry run, or one that is not at its end.
  private func addRun(
    _ database: TestDatabase, of pool: String, started: String, finished: String?, whole: Bool?
  ) throws {
    let id = try database.value(
      """
      INSERT INTO cognito.reconciliations (user_pool_id, source, options, observed_at, started_at)
      VALUES ($1::text, 'ListUsers', 'run', now(), now() - $2::interval) RETURNING id
      """, [pool, started])
    guard let finished else { return }
    _ = try database.owner.run(
      FinishReconciliation(
        try XCTUnwrap(id), counts: #"{"listed":1200,"inserted":3,"signInsWithoutRow":2,"stale":1}"#,
        isWhole: whole), until: .after(.seconds(10)))
    try database.query(
      "UPDATE cognito.reconciliations SET finished_at = now() - $2::interval WHERE id = $1::uuid",
      [id, finished])
  }

  private func emptyOutbox(_ database: TestDatabase) throws {
    try database.execute("DELETE FROM cognito.role_outbox")
  }

  func testAFreshPoolIsShownForPeople() throws {
    let database = try TestDatabase()
    _ = try database.addUser("ada")
    try database.execute(
      """
      UPDATE cognito.users SET updated_at = now() - interval '3 minutes', last_sign_in_at = NULL;
      UPDATE cognito.role_outbox SET created_at = now() - interval '90 seconds'
      """)
    try addRun(database, of: pool, started: "5 hours", finished: "4 hours", whole: true)
    let before = try database.everything()
    let run = try status(database, "--max-age", "1d", "--max-event-age", "1h")
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertEqual(run.errors, "")
    XCTAssertEqual(
      run.output.replacing(
        /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/, with: "TIME                "),
      """
      eu-central-1_a
        last write              3 min ago  TIME
        last sign-in            never
        last reconciliation     4 h ago    TIME                  1,200 users listed, 3 inserted, 1,196 unchanged, 1 stale
        sign-ins without a row  2
        oldest change to push   1 min ago  TIME                  1 change waiting, 0 to be tried again, 0 kept with an error

      """.replacing("TIME\n", with: "TIME                \n"))
    XCTAssertEqual(try database.everything(), before)
  }

  func testJSONHasTimesAndAgesInSeconds() throws {
    let database = try TestDatabase()
    _ = try database.addUser("ada")
    try database.execute(
      """
      UPDATE cognito.users SET updated_at = now() - interval '3 minutes';
      UPDATE cognito.role_outbox SET created_at = now() - interval '90 seconds'
      """)
    try addRun(database, of: pool, started: "5 hours", finished: "4 hours", whole: true)
    let run = try status(database, "--json")
    XCTAssertEqual(run.exitCode, 0, run.errors)
    let time = #""at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z""#
    let pattern =
      #"^\{"askedAt":"[^"]+Z","fresh":true,"pools":\[\{"lastSignIn":\{"age":\d+[.\d]*,TIME\},"#
      + #""lastWrite":\{"age":1[89]\d[.\d]*,TIME\},"#
      + #""outbox":\{"keptBack":0,"oldest":\{"age":\d+[.\d]*,TIME\},"retrying":0,"waiting":1\},"problems":\[\],"#
      + #""reconciliation":\{"age":144\d\d[.\d]*,TIME,"dated":0,"deleted":0,"inserted":3,"kept":0,"listed":1200,"#
      + #""refused":0,"signInsWithoutRow":2,"skipped":0,"stale":1,"unchanged":1196,"updated":0\},"#
      + #""userPoolID":"eu-central-1_a"\}\]\}\n$"#
    XCTAssertNotNil(
      run.output.range(
        of: pattern.replacingOccurrences(of: "TIME", with: time), options: .regularExpression),
      run.output)
  }

  func testAnEmptyTableIsNotFresh() throws {
    let database = try TestDatabase()
    let shown = try status(database)
    XCTAssertEqual(shown.exitCode, 0, shown.errors)
    XCTAssertEqual(shown.output, "no user pools\n")
    for limit in ["--max-age", "--max-event-age"] {
      let run = try status(database, limit, "1d", "--json")
      XCTAssertEqual(run.exitCode, 1)
      XCTAssertEqual(run.errors, "the table knows of no user pool yet: run 'pooltable reconcile'\n")
      XCTAssertEqual(try json(run)["fresh"] as? Bool, false)
      XCTAssertEqual(
        try json(run)["problem"] as? String,
        "the table knows of no user pool yet: run 'pooltable reconcile'")
    }
    let named = try status(
      database, "--user-pool-id", pool, "--max-age", "1d", "--max-event-age=1d")
    XCTAssertEqual(named.exitCode, 1)
    XCTAssertEqual(
      named.errors,
      "\(pool): no event was ever written: 'pooltable doctor' says which triggers are missing\n"
        + "\(pool): never reconciled as a whole: run 'pooltable reconcile'\n")
  }

  func testAnOldReconciliationRaisesTheAlarmOfItsPoolOnly() throws {
    let database = try TestDatabase()
    for pool in [pool, other] { _ = try database.addUser("ada", pool: pool) }
    try emptyOutbox(database)
    try addRun(database, of: pool, started: "28 hours", finished: "27 hours", whole: true)
    try addRun(database, of: other, started: "2 hours", finished: "1 hour", whole: true)
    XCTAssertEqual(try status(database).exitCode, 0)
    XCTAssertEqual(try status(database, "--max-age", "28h").exitCode, 0)
    let old = try status(database, "--max-age", "26h", "--json")
    XCTAssertEqual(old.exitCode, 1)
    let problem = "the last reconciliation ended 27 h ago, more than 26 h"
    XCTAssertEqual(old.errors, "\(pool): \(problem)\n")
    XCTAssertEqual(try json(old)["fresh"] as? Bool, false)
    let both = try pools(old)
    XCTAssertEqual(both.map { $0["userPoolID"] as? String }, [pool, other])
    XCTAssertEqual(both.map { $0["problems"] as? [String] }, [[problem], []])
    XCTAssertEqual(
      try status(database, "--max-age", "26h", "--user-pool-id", other).exitCode, 0)
    let one = try status(database, "--max-age", "26h", "--user-pool-id", pool, "--json")
    XCTAssertEqual(one.exitCode, 1)
    XCTAssertEqual(try pools(one).count, 1)
  }

  /// Only a run that brought a whole listing in makes the table young again.
  func testWhatCountsAsReconciled() throws {
    let database = try TestDatabase()
    _ = try database.addUser("ada")
    try emptyOutbox(database)
    try addRun(database, of: pool, started: "10 minutes", finished: "9 minutes", whole: nil)
    let rehearsed = try status(database, "--max-age", "1h", "--json")
    XCTAssertEqual(rehearsed.exitCode, 1)
    XCTAssertNil(try pools(rehearsed).first?["reconciliation"])
    XCTAssertNil(try pools(rehearsed).first?["attempt"])

    try addRun(database, of: pool, started: "8 minutes", finished: "7 minutes", whole: false)
    let incomplete = try status(database, "--max-age", "1h")
    XCTAssertEqual(incomplete.exitCode, 1)
    XCTAssertTrue(incomplete.output.contains("  incomplete, begun "), incomplete.output)

    try addRun(database, of: pool, started: "6 minutes", finished: "5 minutes", whole: true)
    let whole = try status(database, "--max-age", "1h", "--json")
    XCTAssertEqual(whole.exitCode, 0, whole.errors)
    XCTAssertNil(try pools(whole).first?["attempt"], "what was before is past")

    try addRun(database, of: pool, started: "2 minutes", finished: nil, whole: nil)
    let state = { () throws -> String? in
      let attempt = try self.pools(self.status(database, "--json")).first?["attempt"]
      return (attempt as? [String: Any])?["state"] as? String
    }
    XCTAssertEqual(try state(), "interrupted")
    let lock = try database.connect()
    // Of this pool, whatever the sign of its hash is, and of no other.
    XCTAssertTrue(
      try lock.run(LockReconciliations(ofPool: other), until: .after(.seconds(10))))
    XCTAssertEqual(try state(), "interrupted")
    XCTAssertTrue(try lock.run(LockReconciliations(ofPool: pool), until: .after(.seconds(10))))
    XCTAssertEqual(try state(), "under way")
    lock.close()
    XCTAssertEqual(try status(database, "--max-age", "4m").exitCode, 1, "the whole run counts")
  }

  func testALockIsFoundWhateverTheSignOfItsHash() throws {
    let database = try TestDatabase()
    let signs = try ["a", "b", "c", "d", "e", "f"].map { letter in
      let pool = "eu-central-1_\(letter)"
      try addRun(database, of: pool, started: "1 minute", finished: nil, whole: nil)
      let lock = try database.connect()
      XCTAssertTrue(try lock.run(LockReconciliations(ofPool: pool), until: .after(.seconds(10))))
      let freshness = try database.owner.run(
        FreshnessCall(userPoolID: pool), until: .after(.seconds(10)))
      XCTAssertEqual(freshness.pools.map(\.attempt?.state), [.underWay], pool)
      return try database.value("SELECT hashtext($1::text) < 0", [pool])
    }
    XCTAssertEqual(Set(signs), ["t", "f"], "both are tried")
  }

  func testAnOldChangeToPushRaisesTheAlarm() throws {
    let database = try TestDatabase()
    _ = try database.addUser("ada")
    try addRun(database, of: pool, started: "2 minutes", finished: "1 minute", whole: true)
    try database.execute(
      "UPDATE cognito.role_outbox SET created_at = now() - interval '3 days', attempts = 2")
    let old = try status(database, "--max-age", "2d")
    XCTAssertEqual(old.exitCode, 1)
    XCTAssertEqual(
      old.errors, "\(pool): the oldest change to push was made 3 d ago, more than 2 d\n")
    XCTAssertTrue(
      old.output.contains("0 changes waiting, 1 to be tried again, 0 kept"), old.output)
    XCTAssertEqual(try status(database, "--max-age", "4d").exitCode, 0)
    XCTAssertEqual(try status(database, "--max-age", "2d", "--ignore-outbox").exitCode, 0)

    try database.execute(
      "UPDATE cognito.role_outbox SET failed_at = now(), failure = 'refused', last_error = 'x'")
    let kept = try status(database, "--max-age", "2d")
    XCTAssertEqual(kept.exitCode, 0, "what is kept is told, and does not age: \(kept.errors)")
    XCTAssertTrue(
      kept.output.contains("0 changes waiting, 0 to be tried again, 1 kept"), kept.output)
  }

  func testAQuietPoolRaisesItsOwnAlarmOnlyWhereThatIsAskedFor() throws {
    let database = try TestDatabase()
    _ = try database.addUser("ada")
    _ = try database.addUser("bob")
    try emptyOutbox(database)
    try addRun(database, of: pool, started: "2 minutes", finished: "1 minute", whole: true)
    try database.execute(
      """
      UPDATE cognito.users SET updated_at = now() - interval '30 hours', last_sign_in_at = now() - interval '3 h';
      UPDATE cognito.users SET last_sign_in_at = NULL WHERE username = 'bob'
      """)
    XCTAssertEqual(try status(database, "--max-age", "1h").exitCode, 0)
    XCTAssertEqual(try status(database, "--max-event-age", "4h").exitCode, 0, "the sign-in counts")
    let quiet = try status(database, "--max-event-age", "2h")
    XCTAssertEqual(quiet.exitCode, 1)
    XCTAssertEqual(
      quiet.errors, "\(pool): the last event was written 3 h ago, more than 2 h\n")
  }

  func testOnlyTheOwnerMayLook() throws {
    let database = try TestDatabase()
    let run = try CommandRun.pooltable(
      ["status"], environment: ["DATABASE_URL": database.handlerURL])
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertEqual(run.output, "")
    XCTAssertTrue(run.errors.contains("the login that owns the schema"), run.errors)
  }

  func testAWrongCommandLineIsToldBeforeAnythingIsDone() throws {
    let cases: [([String], String)] = [
      (["--max-age", "a day"], "a day"), (["--max-age=-1d"], "-1d"),
      (["--max-event-age", "1w"], "1w"), (["--user-pool-id", "pool"], "eu-central-1_"),
      (["--ignore-outbox"], "--max-age"), (["ada"], "ada"),
    ]
    for (arguments, text) in cases {
      let run = try CommandRun.pooltable(
        ["status"] + arguments, environment: ["DATABASE_URL": "postgresql://nowhere.invalid/x"])
      XCTAssertEqual(run.exitCode, 64, "\(arguments): \(run.errors)")
      XCTAssertTrue(run.errors.contains(text), run.errors)
    }
  }

  func testAgesAreSaidInTheUnitThatTellsMost() {
    let cases: [(Int, String)] = [
      (-5, "0 s"), (59, "59 s"), (60, "1 min"), (7_199, "119 min"), (7_200, "2 h"),
      (172_799, "47 h"), (172_800, "2 d"), (86_400_000, "1,000 d"),
    ]
    for (seconds, words) in cases { XCTAssertEqual(Age(.seconds(seconds)).words, words) }
  }
}
