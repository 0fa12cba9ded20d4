import Clock
import Foundation
import Postgres
import TestSupport
import XCTest

/// `cognito.forget_users` and its kin: what goes, what stays, and that it never comes back.
final class ForgetUsersTests: XCTestCase {
  private func forget(
    _ database: TestDatabase, _ users: [String], keepingSignIns: Bool = false, dryRun: Bool = false
  ) throws -> [String: String] {
    let rows = try database.query(
      "SELECT id, outcome FROM cognito.forget_users($1::uuid[], $2::boolean, $3::boolean)",
      ["{\(users.joined(separator: ","))}", "\(keepingSignIns)", "\(dryRun)"])
    return Dictionary(uniqueKeysWithValues: rows.map { ($0[0] ?? "", $0[1] ?? "") })
  }

  private func forgetDeleted(
    _ database: TestDatabase, days: Int, pool: String? = nil, keepingSignIns: Bool = false,
    dryRun: Bool = false, batch: Int = 500
  ) throws -> String? {
    try database.value(
      """
      SELECT cognito.forget_users_deleted_before(
        now() - make_interval(days => $1::integer), $2::text, $3::boolean, $4::boolean, $5::integer)
      """, ["\(days)", pool, "\(keepingSignIns)", "\(dryRun)", "\(batch)"])
  }

  /// An event, or a listing, that shows the user as before, observed just now.
  private func see(_ sub: String, in database: TestDatabase, signedIn: Bool = false) throws
    -> (event: String?, listing: String?)
  {
    let event = try database.value(
      """
      SELECT outcome FROM cognito.sync_user(
        $1::text, $2::uuid, 'late', 'late@example.com', true, '+15550100', true, 'CONFIRMED', true,
        '{"name": "Late"}', '[{"userId": "late"}]', '{"late": "1"}', 'client', now(), \(signedIn ? "now()" : "NULL"),
        now() + interval '1 hour', 'late')
      """, [TestDatabase.pool, sub])
    let listing = try database.value(
      """
      SELECT string_agg(outcome, ',') FROM cognito.sync_users(
        user_pool_id => $1::text, subs => ARRAY[$2::uuid], usernames => ARRAY['late'],
        emails => ARRAY['late@example.com'], emails_verified => ARRAY[true], phone_numbers => ARRAY['+1'],
        phone_numbers_verified => ARRAY[true], statuses => ARRAY['CONFIRMED'], enabled => ARRAY[true],
        attributes => ARRAY['{"name": "Late"}'::jsonb], identities => ARRAY['[]'::jsonb],
        last_modified_at => ARRAY[now()], observed_at => now() + interval '1 hour',
        settle => interval '0', dry_run => false,
        with_values => false)
      """, [TestDatabase.pool, sub])
    return (event, listing)
  }

  func testWhatIsTheirsGoesAndIdAndSubStay() throws {
    let database = try TestDatabase()
    let gone = try database.addUser("zelda", deletedDaysAgo: 1)
    let other = try database.addUser("other", deletedDaysAgo: 1)
    let before = try database.query(
      "SELECT * FROM cognito.users WHERE id = $1::uuid", [other.id])
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.role_outbox"), "2")
    try database.execute("CREATE TABLE posts (author uuid NOT NULL REFERENCES cognito.users)")
    try database.query("INSERT INTO posts VALUES ($1::uuid)", [gone.id])

    XCTAssertEqual(try forget(database, [gone.id]), [gone.id: "forgotten"])

    // The role is called as the user is.
    try database.execute("UPDATE cognito.roles SET name = 'role' WHERE name = 'zelda'")
    try database.execute("DELETE FROM cognito.role_outbox WHERE group_name = 'zelda'")
    XCTAssertFalse(try database.everything().contains("zelda"))
    XCTAssertEqual(
      try database.query(
        """
        SELECT id, sub, user_pool_id, email_verified, phone_number_verified, attributes, last_sign_in_at,
          forgotten_at IS NOT NULL, deleted_at < now() - interval '23 hours'
        FROM cognito.users WHERE id = $1::uuid
        """, [gone.id]),
      [[gone.id, gone.sub, TestDatabase.pool, nil, nil, "{}", nil, "t", "t"]])
    XCTAssertEqual(
      try database.value(
        "SELECT count(*) FROM cognito.sign_ins WHERE user_id = $1::uuid", [gone.id]),
      "0")
    XCTAssertEqual(try database.value("SELECT author FROM posts"), gone.id)
    XCTAssertEqual(
      try database.query("SELECT * FROM cognito.users WHERE id = $1::uuid", [other.id]), before)
    XCTAssertEqual(
      try database.query("SELECT username FROM cognito.role_outbox WHERE group_name = 'other'"),
      [["other"]])
  }

  func testNeitherALateEventNorALateListingBringsAnythingBack() throws {
    let database = try TestDatabase()
    let gone = try database.addUser("zelda", deletedDaysAgo: 1)
    XCTAssertEqual(try forget(database, [gone.id]), [gone.id: "forgotten"])
    let forgotten = try database.everything()
    for signedIn in [false, true] {
      let outcomes = try see(gone.sub, in: database, signedIn: signedIn)
      XCTAssertEqual(outcomes.event, "stale")
      XCTAssertEqual(outcomes.listing, "stale")
      XCTAssertEqual(try database.everything(), forgotten)
    }
  }

  /// Before the user is forgotten the mark alone keeps nobody out: who is seen again is back.
  func testWhoIsOnlyMarkedComesBack() throws {
    let database = try TestDatabase()
    let gone = try database.addUser("zelda", deletedDaysAgo: 1)
    XCTAssertEqual(try see(gone.sub, in: database).event, "updated")
  }

  /// The event has read the row already, and waits for it.
  func testAnEventThatIsOvertakenBringsNothingBack() throws {
    let database = try TestDatabase()
    let gone = try database.addUser("zelda", deletedDaysAgo: 1)
    let (forgetter, event) = (try database.connect(), try database.connect())
    let soon = Deadline.after(.seconds(10))
    let pid = try XCTUnwrap(
      event.query("SELECT pg_backend_pid()", until: soon).text(row: 0, column: 0))
    try forgetter.execute(
      script: "BEGIN; SELECT cognito.forget_users(ARRAY['\(gone.id)'::uuid])", until: soon)
    try event.send(
      """
      SELECT outcome FROM cognito.sync_user(
        '\(TestDatabase.pool)', '\(gone.sub)', 'late', NULL, NULL, NULL, NULL, NULL, NULL, '{}', NULL, NULL, NULL,
        NULL, NULL, now(), NULL)
      """, until: soon)
    try database.waitForLockWait(of: pid)
    try forgetter.execute(script: "COMMIT", until: soon)
    XCTAssertEqual(try event.answer(until: soon).text(row: 0, column: 0), "stale")
    XCTAssertNil(try database.value("SELECT username FROM cognito.users"))
  }

  func testSignInsStayWhereTheyAreToBeKeptAndGoLaterWhereNot() throws {
    let database = try TestDatabase()
    let gone = try database.addUser("zelda", deletedDaysAgo: 1)
    let signIns = """
      SELECT count(*) || ' ' || count(last_sign_in_at) FROM cognito.sign_ins
      JOIN cognito.users ON users.id = user_id
      """
    XCTAssertEqual(try forget(database, [gone.id], keepingSignIns: true), [gone.id: "forgotten"])
    XCTAssertEqual(try database.value(signIns), "2 2")
    XCTAssertEqual(try forget(database, [gone.id], keepingSignIns: true), [gone.id: "unchanged"])
    let when = try database.value("SELECT forgotten_at FROM cognito.users")
    XCTAssertEqual(try forget(database, [gone.id]), [gone.id: "forgotten"])
    XCTAssertEqual(try database.value(signIns), "0 0")
    XCTAssertEqual(try forget(database, [gone.id]), [gone.id: "unchanged"])
    XCTAssertEqual(try database.value("SELECT forgotten_at FROM cognito.users"), when)
  }

  func testWhereOneIsRefusedNobodyIsForgotten() throws {
    let database = try TestDatabase()
    let gone = try database.addUser("zelda", deletedDaysAgo: 1)
    let live = try database.addUser("live")
    let nobody = UUID().uuidString.lowercased()
    let before = try database.everything()
    for dryRun in [true, false] {
      XCTAssertEqual(
        try forget(database, [gone.id, live.id, nobody], dryRun: dryRun),
        [live.id: "not_deleted", nobody: "unknown"])
    }
    XCTAssertEqual(try forget(database, []), [:])
    XCTAssertEqual(try forget(database, [gone.id, gone.id], dryRun: true), [gone.id: "forgotten"])
    XCTAssertEqual(try database.everything(), before)
  }

  func testAllWhoWereMarkedLongAgoAreForgottenInBatches() throws {
    let database = try TestDatabase()
    for index in 0..<5 { _ = try database.addUser("old\(index)", deletedDaysAgo: 40) }
    _ = try database.addUser("elsewhere", pool: "eu-central-1_b", deletedDaysAgo: 40)
    _ = try database.addUser("new", deletedDaysAgo: 20)
    _ = try database.addUser("live")
    XCTAssertEqual(try forgetDeleted(database, days: 30, dryRun: true, batch: 2), "6")
    let pool = TestDatabase.pool
    let counts = try (0..<4).map { _ in
      try forgetDeleted(database, days: 30, pool: pool, keepingSignIns: true, batch: 2)
    }
    XCTAssertEqual(counts, ["2", "2", "1", "0"])
    let names = "SELECT string_agg(username, ',' ORDER BY username) FROM cognito.users"
    XCTAssertEqual(try database.value(names), "elsewhere,live,new")
    // Now without their sign-ins, and the other pool's too.
    XCTAssertEqual(try forgetDeleted(database, days: 30, dryRun: true), "6")
    XCTAssertEqual(
      try (0..<3).map { _ in try forgetDeleted(database, days: 30, batch: 4) }, ["4", "2", "0"])
    XCTAssertEqual(try database.value(names), "live,new")
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.sign_ins"), "4")
  }

  func testOnlyTheOwnerMayForgetAndMerge() throws {
    let database = try TestDatabase()
    let functions = try database.query(
      """
      SELECT proname, has_function_privilege('\(database.handlerLogin)', oid, 'EXECUTE'),
        has_function_privilege('pg_monitor', oid, 'EXECUTE')
      FROM pg_proc WHERE pronamespace = 'cognito'::regnamespace
        AND proname ~ '^(forget|erase|merge|move|keeps_out|linked)' ORDER BY proname
      """)
    XCTAssertEqual(
      functions.map(\.first),
      [
        "erase_users", "forget_users", "forget_users_deleted_before", "keeps_out",
        "linked_identities", "merge_own_tables", "merge_problem", "merge_users", "move_reference",
        "moved_users",
      ])
    for function in functions { XCTAssertEqual(function.dropFirst(), ["f", "f"], "\(function)") }
  }
}
