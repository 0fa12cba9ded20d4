import Clock
import Foundation
import Postgres
import Synchronization
import TestSupport
import XCTest

/// What `cognito.sync_user` records of a sign-in, called as any client would.
final class SignInTests: XCTestCase {
  private let sub = UUID().uuidString

  /// Calls the function for one user who signs in at `time`.
  @discardableResult
  private func signIn(
    at time: String, _ connection: Connection, observedAt: String? = nil, name: String = "Ada",
    userPoolID: String = "eu-central-1_a", sub: String? = nil, request: String? = UUID().uuidString
  ) throws -> [String?] {
    let result = try connection.query(
      """
      SELECT outcome, id FROM cognito.sync_user(
        user_pool_id => $1::text, sub => $2::uuid, username => 'ada', email => 'ada@example.com',
        email_verified => true, phone_number => NULL, phone_number_verified => NULL,
        status => 'CONFIRMED', enabled => NULL, attributes => jsonb_build_object('name', $3::text),
        identities => NULL, client_metadata => NULL, sign_up_client_id => NULL, confirmed_at => NULL,
        signed_in_at => $5::timestamptz, observed_at => $4::timestamptz, request_id => $6::text)
      """, [userPoolID, sub ?? self.sub, name, observedAt ?? time, time, request],
      until: .after(.seconds(20)))
    return result.rows.first ?? []
  }

  private func days(_ database: TestDatabase) throws -> [[String?]] {
    try database.execute("SET TIME ZONE 'UTC'")
    return try database.query(
      "SELECT day, first_at::time, last_at::time, count FROM cognito.sign_ins ORDER BY user_id, day"
    )
  }

  private func lastSignIn(_ database: TestDatabase) throws -> String? {
    try database.value(
      "SELECT to_char(last_sign_in_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') FROM cognito.users")
  }

  func testTheAnswerIsThatOfSyncUser() throws {
    let database = try TestDatabase()
    let first = try signIn(at: "2026-01-01T10:00:00Z", database.owner)
    XCTAssertEqual(first, ["inserted", try database.value("SELECT id FROM cognito.users")])
    XCTAssertEqual(try signIn(at: "2026-01-01T11:00:00Z", database.owner), ["unchanged", first[1]])
    XCTAssertEqual(
      try signIn(at: "2026-01-01T12:00:00Z", database.owner, name: "Lovelace"),
      ["updated", first[1]])
    XCTAssertEqual(
      try signIn(at: "2026-01-01T13:00:00Z", database.owner, observedAt: "2025-01-01T00:00:00Z"),
      ["stale", first[1]])
    XCTAssertEqual(
      try days(database), [["2026-01-01", "10:00:00", "13:00:00", "4"]], "stale ones count too")
  }

  func testEachDayInUTCHasARow() throws {
    let database = try TestDatabase()
    try database.execute("SET TIME ZONE 'Asia/Tokyo'")
    for time in [
      "2026-01-01T23:59:59.999Z", "2026-01-02T00:00:00Z", "2026-01-02T12:00:00Z",
      "2026-01-02T23:30:00-02:00",
    ] {
      try signIn(at: time, database.owner)
    }
    XCTAssertEqual(
      try days(database),
      [
        ["2026-01-01", "23:59:59.999", "23:59:59.999", "1"],
        ["2026-01-02", "00:00:00", "12:00:00", "2"], ["2026-01-03", "01:30:00", "01:30:00", "1"],
      ])
    XCTAssertEqual(try lastSignIn(database), "2026-01-03 01:30")
  }

  func testSignInsThatComeLateCountAndMoveNothingBack() throws {
    let database = try TestDatabase()
    for hour in ["12", "10", "11"] { try signIn(at: "2026-01-01T\(hour):00:00Z", database.owner) }
    XCTAssertEqual(try days(database), [["2026-01-01", "10:00:00", "12:00:00", "3"]])
    XCTAssertEqual(try lastSignIn(database), "2026-01-01 12:00")
  }

  func testTheSameSignInCountsOnce() throws {
    let database = try TestDatabase()
    for (time, request) in [
      ("10:00", "a"), ("10:00", "a"), ("12:00", "b"), ("12:00", "b"), ("10:00", "a"),
    ] {
      try signIn(at: "2026-01-01T\(time):00Z", database.owner, request: request)
    }
    XCTAssertEqual(try days(database), [["2026-01-01", "10:00:00", "12:00:00", "2"]])
  }

  /// Two processes may see two sign-ins at the same microsecond.
  func testSignInsAtTheSameMomentAreAsManyAsTheirRequests() throws {
    let database = try TestDatabase()
    for request in ["a", "b", "a", "c", nil, nil] {
      try signIn(at: "2026-01-01T10:00:00Z", database.owner, request: request)
    }
    XCTAssertEqual(try days(database), [["2026-01-01", "10:00:00", "10:00:00", "5"]])
    XCTAssertEqual(
      try database.value("SELECT cardinality(requests) FROM cognito.sign_ins"), "3",
      "a call without an id takes no place among those that have one")
  }

  func testASecondAttemptIsKnownAfterManyOtherSignIns() throws {
    let database = try TestDatabase()
    let others = (1...63).map { "request \($0)" }
    for request in ["first"] + others + ["first", "request 1"] {
      try signIn(at: "2026-01-01T10:00:00Z", database.owner, request: request)
    }
    XCTAssertEqual(try days(database).map(\.last), ["64"])
    XCTAssertEqual(try database.value("SELECT cardinality(requests) FROM cognito.sign_ins"), "64")
    // The memory is bounded.
    for request in (64...200).map({ "request \($0)" }) {
      try signIn(at: "2026-01-01T10:00:00Z", database.owner, request: request)
    }
    XCTAssertEqual(try database.value("SELECT cardinality(requests) FROM cognito.sign_ins"), "64")
    XCTAssertEqual(try days(database).map(\.last), ["201"])
  }

  func testAClockThatRunsAheadDoesNotHideLaterSignIns() throws {
    let database = try TestDatabase()
    try signIn(at: "2999-01-01T00:00:00Z", database.owner)
    XCTAssertEqual(
      try database.value(
        "SELECT last_sign_in_at <= now() + interval '1 minute' FROM cognito.users"), "t")
    // A little ahead is kept, so that a second attempt has the same time.
    let soon = Timestamp.now().advanced(by: .seconds(30)).rfc3339
    let other = UUID().uuidString
    for _ in 1...2 { try signIn(at: soon, database.owner, sub: other, request: "a") }
    XCTAssertEqual(
      try database.value(
        """
        SELECT s.count || ' ' || (s.last_at = $1::timestamptz)
        FROM cognito.sign_ins s JOIN cognito.users u ON u.id = s.user_id WHERE u.sub = $2::uuid
        """, [soon, other]), "1 true")
  }

  func testEverySignInOfManyAtOnceIsCounted() throws {
    let database = try TestDatabase()
    let connections = try (0..<8).map { _ in try database.connect() }
    let failures = Mutex<[String]>([])
    // Each connection is used by one thread only.
    nonisolated(unsafe) let shared = (connections, self)
    DispatchQueue.concurrentPerform(iterations: connections.count) { index in
      for second in 10..<60 {
        do {
          // The user changes as well, so that both kinds of writing meet.
          try shared.1.signIn(
            at: "2026-01-01T10:0\(index):\(second)Z", shared.0[index], name: "\(second)")
        } catch {
          failures.withLock { $0.append("\(error)") }
        }
      }
    }
    XCTAssertEqual(failures.withLock { $0 }, [])
    XCTAssertEqual(try days(database), [["2026-01-01", "10:00:10", "10:07:59", "400"]])
    XCTAssertEqual(try lastSignIn(database), "2026-01-01 10:07")
  }

  func testALockedRowIsGivenUpWithinTheFunctionsOwnLimit() throws {
    let database = try TestDatabase()
    try signIn(at: "2026-01-01T10:00:00Z", database.owner)
    let rival = try database.connect()
    try rival.execute(
      script: "BEGIN; SELECT FROM cognito.users FOR UPDATE", until: .after(.seconds(5)))
    XCTAssertThrowsError(try signIn(at: "2026-01-01T11:00:00Z", database.owner)) { error in
      XCTAssertEqual((error as? PostgresError)?.state, SQLState("55P03"))
    }
  }

  func testActiveUsersByDayAndMonth() throws {
    let database = try TestDatabase()
    let (ada, boris) = (UUID().uuidString, UUID().uuidString)
    for (time, sub, pool) in [
      ("2026-01-30T10:00:00Z", ada, "p_1"), ("2026-01-30T11:00:00Z", ada, "p_1"),
      ("2026-01-31T23:30:00Z", ada, "p_1"), ("2026-01-31T10:00:00Z", boris, "p_1"),
      ("2026-02-01T00:00:00Z", boris, "p_1"), ("2026-02-01T00:00:00Z", boris, "p_2"),
    ] {
      try signIn(at: time, database.owner, userPoolID: pool, sub: sub)
    }
    for zone in ["UTC", "America/New_York", "Asia/Tokyo"] {
      try database.execute("SET TIME ZONE '\(zone)'")
      XCTAssertEqual(
        try database.query(
          "SELECT user_pool_id, day, users FROM cognito.daily_active_users ORDER BY 1, 2"),
        [
          ["p_1", "2026-01-30", "1"], ["p_1", "2026-01-31", "2"], ["p_1", "2026-02-01", "1"],
          ["p_2", "2026-02-01", "1"],
        ], zone)
      XCTAssertEqual(
        try database.query(
          "SELECT user_pool_id, month, users FROM cognito.monthly_active_users ORDER BY 1, 2"),
        [["p_1", "2026-01-01", "2"], ["p_1", "2026-02-01", "1"], ["p_2", "2026-02-01", "1"]], zone)
    }
  }

  func testADeletedUserTakesItsSignInsAlong() throws {
    let database = try TestDatabase()
    try signIn(at: "2026-01-01T10:00:00Z", database.owner)
    try database.execute("DELETE FROM cognito.users")
    XCTAssertEqual(try days(database), [])
  }
}
