import Clock
import Foundation
import Postgres
import TestSupport
import XCTest

/// The contract of `cognito.sync_users`, called as any client would: with one user of a listing.
final class SyncUsersTests: XCTestCase {
  private static let sub = "00000000-0000-0000-0000-00000000000a"

  /// What a listing says of Ada.
  private struct Listed {
    var pool = "p_1"
    var username = "ada"
    var enabled: String? = "true"
    var attributes = "{}"
    var lastModifiedAt: String? = "2026-01-01T00:00:00Z"
    var observedAt = "2026-01-02T00:00:00Z"
    var settle = "0"
    var isDryRun = false
    var withValues = false
  }

  /// - Returns: outcome, the names of what changed, and the user's name as it was; nil where nothing differed.
  private func sync(_ user: Listed, in database: TestDatabase) throws -> [String?]? {
    let rows = try database.query(
      """
      SELECT outcome, changed, old_values ->> 'username', ordinal FROM cognito.sync_users(
        user_pool_id => $1::text, subs => ARRAY[$2::uuid], usernames => ARRAY[$3::text], emails => NULL,
        emails_verified => NULL, phone_numbers => NULL, phone_numbers_verified => NULL,
        statuses => NULL, enabled => ARRAY[$4::boolean], attributes => ARRAY[$5::jsonb],
        identities => NULL, last_modified_at => ARRAY[$6::timestamptz],
        observed_at => $7::timestamptz, settle => $8::interval, dry_run => $9::boolean, with_values => $10::boolean)
      """,
      [
        user.pool, Self.sub, user.username, user.enabled, user.attributes, user.lastModifiedAt,
        user.observedAt, user.settle, "\(user.isDryRun)", "\(user.withValues)",
      ])
    XCTAssertLessThan(rows.count, 2)
    return rows.first.map { Array($0.dropLast()) }
  }

  /// All of every row but what the server's clock says.
  private func rows(_ database: TestDatabase) throws -> [[String?]] {
    try database.query(
      """
      SELECT user_pool_id, username, enabled, attributes, observed_at AT TIME ZONE 'UTC',
        last_modified_at AT TIME ZONE 'UTC', deleted_at IS NULL
      FROM cognito.users ORDER BY user_pool_id
      """)
  }

  private static let seen = [
    "p_1", "ada", "t", "{}", "2026-01-02 00:00:00", "2026-01-01 00:00:00", "t",
  ]

  func testADryRunAnswersTheSameAndWritesNothing() throws {
    let database = try TestDatabase()
    var steps: [(Listed, [String?])] = [(Listed(), ["inserted", nil, nil])]
    steps.append(
      (
        Listed(
          username: "lovelace", lastModifiedAt: "2026-01-01T12:00:00Z",
          observedAt: "2026-01-03T00:00:00Z"),
        ["updated", "username", nil]
      ))
    steps.append(
      (
        Listed(username: "lovelace", lastModifiedAt: "2026-01-02T00:00:00Z"), ["dated", nil, nil]
      ))
    for (listed, answer) in steps {
      let before = try rows(database)
      var dry = listed
      dry.isDryRun = true
      XCTAssertEqual(try sync(dry, in: database), answer)
      XCTAssertEqual(try rows(database), before)
      XCTAssertEqual(try sync(listed, in: database), answer)
      XCTAssertNotEqual(try rows(database), before)
      XCTAssertNil(try sync(listed, in: database), "in step now")
    }
  }

  func testANewUserIsAsItWasListed() throws {
    let database = try TestDatabase()
    XCTAssertEqual(try sync(Listed(), in: database), ["inserted", nil, nil])
    XCTAssertEqual(try sync(Listed(pool: "p_2", enabled: "false"), in: database)?[0], "inserted")
    XCTAssertEqual(try sync(Listed(pool: "p_3", enabled: nil), in: database)?[0], "inserted")
    var (second, third) = (Self.seen, Self.seen)
    (second[0], second[2], third[0]) = ("p_2", "f", "p_3")
    XCTAssertEqual(try rows(database), [Self.seen, second, third])
  }

  func testWhatAListingDoesNotSayStays() throws {
    let database = try TestDatabase()
    try database.query(
      """
      INSERT INTO cognito.users
        (user_pool_id, sub, username, enabled, attributes, observed_at, last_modified_at, created_at, updated_at)
      VALUES ('p_1', $1::uuid, 'old', false, '{"cognito:a": "1", "cognito-b": "1", "cognito:c": "1"}',
        '2026-01-02', '2026-01-09', '2026-01-01', '2026-01-01')
      """, [Self.sub])
    let listed = Listed(enabled: nil, attributes: #"{"cognito:c": "2"}"#)
    XCTAssertEqual(try sync(listed, in: database), ["updated", "username,attributes", nil])
    XCTAssertEqual(
      try rows(database),
      [
        [
          "p_1", "ada", "f", #"{"cognito:a": "1", "cognito:c": "2"}"#, "2026-01-02 00:00:00",
          "2026-01-09 00:00:00", "t",
        ]
      ])
    XCTAssertEqual(
      try database.value("SELECT updated_at > created_at FROM cognito.users"), "t")
    XCTAssertNil(try sync(listed, in: database))
  }

  func testANewerObservationStaysAndWhatDiffersIsNamed() throws {
    let database = try TestDatabase()
    _ = try sync(Listed(), in: database)
    for (observed, outcome) in [
      ("2026-01-01T23:59:59Z", "stale"), ("2026-01-02T00:00:00Z", "updated"),
      ("2026-01-03T00:00:00Z", "updated"),
    ] {
      try database.execute(
        "UPDATE cognito.users SET username = 'old', observed_at = '2026-01-02 00:00:00Z'")
      for withValues in [true, false] {
        let listed = Listed(observedAt: observed, isDryRun: withValues, withValues: withValues)
        XCTAssertEqual(
          try sync(listed, in: database), [outcome, "username", withValues ? "old" : nil])
      }
      XCTAssertEqual(
        try database.value("SELECT username FROM cognito.users"),
        outcome == "stale" ? "old" : "ada", observed)
    }
    XCTAssertEqual(try rows(database).first?[4], "2026-01-03 00:00:00")
  }

  /// A listing may lag by `settle`, but not behind the change that it shows.
  func testARowIsAsOldAsTheListingCanVouchFor() throws {
    for (modifiedAt, vouchedAt) in [
      ("2026-01-01T12:00:00Z", "2026-01-01 23:00:00"),
      ("2026-01-01T23:30:00Z", "2026-01-01 23:30:00"),
      ("2026-01-02T00:30:00Z", "2026-01-02 00:00:00"), (nil, "2026-01-01 23:00:00"),
    ] {
      for isThere in [false, true] {
        let database = try TestDatabase()
        if isThere {
          _ = try sync(
            Listed(username: "old", lastModifiedAt: nil, observedAt: "2025-12-31T00:00:00Z"),
            in: database)
        }
        let listed = Listed(lastModifiedAt: modifiedAt, settle: "1 hour")
        XCTAssertEqual(try sync(listed, in: database)?[0], isThere ? "updated" : "inserted")
        XCTAssertEqual(try rows(database).first?[4], vouchedAt, "\(modifiedAt ?? "-") \(isThere)")
      }
    }
  }

  func testOnlyALaterTimeOfTheLastChangeIsNoted() throws {
    let database = try TestDatabase()
    _ = try sync(Listed(lastModifiedAt: nil), in: database)
    XCTAssertNil(try sync(Listed(lastModifiedAt: nil), in: database))
    let steps: [(time: String?, outcome: String?)] = [
      ("2026-01-01T00:00:00Z", "dated"), ("2026-01-01T00:00:00Z", nil),
      ("2025-12-31T00:00:00Z", nil), (nil, nil), ("2026-01-05T00:00:00Z", "dated"),
    ]
    for step in steps {
      let listed = Listed(lastModifiedAt: step.time, observedAt: "2026-01-06T00:00:00Z")
      XCTAssertEqual(try sync(listed, in: database)?[0], step.outcome, "\(step)")
    }
    var expected = Self.seen
    expected[5] = "2026-01-05 00:00:00"
    XCTAssertEqual(try rows(database), [expected], "nothing else was observed")
  }

  func testAListingFromTheFutureDoesNotKeepLaterOnesOut() throws {
    let database = try TestDatabase()
    _ = try sync(Listed(observedAt: "2999-01-01T00:00:00Z"), in: database)
    XCTAssertEqual(
      try database.value("SELECT observed_at <= clock_timestamp() FROM cognito.users"), "t")
  }

  /// The plan is made once a session, perhaps while the table is empty.
  func testEachUserIsLookedUpInTheIndexAlsoByAPlanThatWasMadeForAnEmptyTable() throws {
    let database = try TestDatabase()
    _ = try sync(Listed(isDryRun: true), in: database)
    try database.connect().execute(
      script: """
        INSERT INTO cognito.users (user_pool_id, sub, username, observed_at)
        SELECT 'p_1', gen_random_uuid(), 'x', now() FROM generate_series(1, 5000)
        """, until: .after(.seconds(30)))
    try database.execute("BEGIN")
    _ = try sync(Listed(isDryRun: true), in: database)
    XCTAssertEqual(
      try database.value(
        """
        SELECT sum(pg_stat_get_xact_tuples_returned(oid)) < 10 FROM pg_class
        WHERE oid IN ('cognito.users'::regclass, 'cognito.users_user_pool_id_sub_key'::regclass)
        """), "t", "what was read, of the table or of the index")
    try database.execute("COMMIT")
  }
}
