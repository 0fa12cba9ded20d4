import Clock
import Foundation
import Postgres
import TestSupport
import XCTest

/// The SQL function's contract, called as any client would.
final class SyncUserTests: XCTestCase {
  private static let columns = [
    "user_pool_id", "sub", "username", "email", "email_verified", "phone_number",
    "phone_number_verified", "status", "enabled", "attributes", "identities", "client_metadata",
    "sign_up_client_id", "confirmed_at", "signed_in_at", "observed_at", "request_id",
  ]
  private let sub = UUID().uuidString
  private let types = [
    "text", "uuid", "text", "text", "boolean", "text", "boolean", "text", "boolean", "jsonb",
    "jsonb",
    "jsonb", "text", "timestamptz", "timestamptz", "timestamptz", "text",
  ]

  /// Calls `sync_user` for one user, with some arguments other than Ada's.
  private func sync(
    _ database: TestDatabase, _ changes: [String: String?] = [:], on connection: Connection? = nil
  ) throws -> String? {
    var arguments: [String: String?] = [
      "user_pool_id": "eu-central-1_a", "sub": sub, "username": "ada",
      "email": "ada@example.com", "email_verified": "true", "phone_number": nil,
      "phone_number_verified": nil, "status": "CONFIRMED", "attributes": #"{"name": "Ada"}"#,
      "identities": nil, "confirmed_at": nil, "observed_at": "2026-01-01T00:00:00Z",
    ]
    for (name, value) in changes { arguments[name] = .some(value) }
    let list = zip(Self.columns, types).enumerated()
      .map { "\($1.0) => $\($0 + 1)::\($1.1)" }.joined(separator: ", ")
    let result = try (connection ?? database.owner).query(
      "SELECT outcome FROM cognito.sync_user(\(list))",
      Self.columns.map { arguments[$0] ?? nil }, until: .after(.seconds(20)))
    return result.text(row: 0, column: 0)
  }

  func testFirstSightInsertsAndSecondSightChangesNothing() throws {
    let database = try TestDatabase()
    XCTAssertEqual(try sync(database), "inserted")
    XCTAssertEqual(try sync(database), "unchanged")
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.users"), "1")
  }

  func testWhatAnObservationDoesNotSayStays() throws {
    let database = try TestDatabase()
    let row =
      "SELECT enabled::text || ' ' || coalesce(client_metadata::text, '-') FROM cognito.users"
    let steps: [([String: String?], String, String)] = [
      ([:], "inserted", "true -"), (["enabled": "true"], "unchanged", "true -"),
      (["enabled": "false"], "updated", "false -"), ([:], "unchanged", "false -"),
      (["username": "lovelace"], "updated", "false -"),
      (["username": "lovelace", "enabled": "true"], "updated", "true -"),
    ]
    for (changes, outcome, expected) in steps {
      XCTAssertEqual(try sync(database, changes), outcome, "\(changes)")
      XCTAssertEqual(try database.value(row), expected, "\(changes)")
    }
    let other = UUID().uuidString
    XCTAssertEqual(try sync(database, ["sub": other, "enabled": "false"]), "inserted")
    XCTAssertEqual(
      try database.value("SELECT enabled FROM cognito.users WHERE sub = $1::uuid", [other]), "f")
  }

  /// Anybody can send more with each call: what was sent at sign-up must not be overwritten by it.
  func testWhatTheClientSentIsThatOfTheFirstConfirmation() throws {
    let database = try TestDatabase()
    let row = """
      SELECT coalesce(client_metadata ->> 'a', '-') || ' ' || coalesce(sign_up_client_id, '-')
      FROM cognito.users
      """
    func sent(_ value: String, confirmed: String? = nil) -> [String: String?] {
      [
        "client_metadata": #"{"a": "\#(value)"}"#, "sign_up_client_id": "client \(value)",
        "confirmed_at": confirmed, "username": "ada \(value)",
      ]
    }
    let time = "2026-01-01T00:00:00Z"
    let steps: [([String: String?], String, String)] = [
      ([:], "inserted", "- -"),
      (sent("1"), "updated", "- -"),
      (sent("2", confirmed: time), "updated", "2 client 2"),
      (sent("2", confirmed: time), "unchanged", "2 client 2"),
      (sent("3", confirmed: time), "updated", "2 client 2"),
      (["username": "ada"], "updated", "2 client 2"),
    ]
    for (changes, outcome, expected) in steps {
      XCTAssertEqual(try sync(database, changes), outcome, "\(changes)")
      XCTAssertEqual(try database.value(row), expected, "\(changes)")
    }
    // A first confirmation that is told of nothing is the first all the same.
    let other = UUID().uuidString
    for changes in [["confirmed_at": time], sent("4", confirmed: time)] {
      XCTAssertNotNil(try sync(database, changes.merging(["sub": other]) { $1 }))
    }
    XCTAssertEqual(try database.value(row + " WHERE sub = $1::uuid", [other]), "- -")
  }

  func testLiveUsersAreNeitherDeletedNorDisabled() throws {
    let database = try TestDatabase()
    let live = "SELECT count(*) FROM cognito.users_live"
    XCTAssertEqual(try sync(database), "inserted")
    XCTAssertEqual(try database.value(live), "1")
    XCTAssertEqual(try sync(database, ["enabled": "false"]), "updated")
    XCTAssertEqual(try database.value(live), "0")
    XCTAssertEqual(try sync(database, ["enabled": "true"]), "updated")
    try database.execute("UPDATE cognito.users SET deleted_at = now()")
    XCTAssertEqual(try database.value(live), "0")
    XCTAssertEqual(
      try database.value(
        """
        SELECT array_agg(attname ORDER BY attnum) FILTER (WHERE attrelid = 'cognito.users'::regclass)
          = array_agg(attname ORDER BY attnum) FILTER (WHERE attrelid = 'cognito.users_live'::regclass)
        FROM pg_attribute WHERE attnum > 0
        """), "t")
  }

  func testEveryChangedColumnIsAnUpdate() throws {
    let database = try TestDatabase()
    XCTAssertEqual(try sync(database), "inserted")
    var now: [String: String?] = [:]
    let changes: [(String, String?)] = [
      ("username", "ada2"), ("username", nil), ("email", "ada@example.org"),
      ("email", "Ada@Example.ORG"), ("email", nil), ("email_verified", "false"),
      ("email_verified", nil), ("phone_number", "+15550100001"), ("phone_number_verified", "true"),
      ("status", "RESET_REQUIRED"), ("status", nil),
      ("attributes", #"{"name": "Ada", "custom:x": "1"}"#), ("attributes", nil),
      ("identities", "[]"), ("identities", nil), ("confirmed_at", "2026-01-01T00:00:00Z"),
    ]
    for (column, value) in changes {
      now[column] = .some(value)
      XCTAssertEqual(try sync(database, now), "updated", column)
      XCTAssertEqual(try sync(database, now), "unchanged", column)
      if column != "confirmed_at", column != "attributes" {
        XCTAssertEqual(
          try database.value("SELECT \(column)::text FROM cognito.users"),
          value == "true" ? "true" : value == "false" ? "false" : value, column)
      }
    }
  }

  func testWhatTheFirstObservationSaysIsKept() throws {
    let database = try TestDatabase()
    XCTAssertEqual(
      try sync(
        database,
        [
          "attributes": nil, "client_metadata": #"{"a": "1"}"#, "enabled": "false",
          "confirmed_at": "2026-01-01T00:00:00Z", "observed_at": "2026-01-02T00:00:00Z",
        ]), "inserted")
    XCTAssertEqual(
      try database.query(
        """
        SELECT attributes, client_metadata, enabled, confirmed_at = '2026-01-01T00:00:00Z',
          observed_at = '2026-01-02T00:00:00Z', created_at = updated_at FROM cognito.users
        """), [["{}", #"{"a": "1"}"#, "f", "t", "t", "t"]])
  }

  func testAChangeSaysWhenItWasSeenAndWhenItWasMade() throws {
    let database = try TestDatabase()
    XCTAssertEqual(try sync(database), "inserted")
    let seen = ["observed_at": "2026-01-02T00:00:00Z"]
    XCTAssertEqual(try sync(database, seen), "unchanged")
    XCTAssertEqual(try sync(database, seen.merging(["username": "lovelace"]) { $1 }), "updated")
    XCTAssertEqual(
      try database.query(
        "SELECT observed_at = '2026-01-02T00:00:00Z', updated_at > created_at FROM cognito.users"),
      [["t", "t"]])
  }

  /// A trigger plays the rivals: it leaves rows out.
  func testARivalIsMetByReadingAgainTwiceAndNoMore() throws {
    let database = try TestDatabase()
    try database.execute(
      """
      CREATE SEQUENCE tries;
      CREATE FUNCTION keep_away() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF nextval('public.tries') <= TG_ARGV[0]::bigint THEN RETURN NULL; END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER keep_away BEFORE INSERT ON cognito.users
      FOR EACH ROW EXECUTE FUNCTION keep_away(2);
      """)
    XCTAssertEqual(try sync(database), "inserted")
    try database.execute(
      """
      DELETE FROM cognito.users;
      DROP TRIGGER keep_away ON cognito.users;
      CREATE TRIGGER keep_away BEFORE INSERT ON cognito.users
      FOR EACH ROW EXECUTE FUNCTION keep_away(1000);
      """)
    XCTAssertThrowsError(try sync(database)) { error in
      XCTAssertEqual((error as? PostgresError)?.state, SQLState("40001"), "worth another attempt")
    }
    XCTAssertEqual(try database.value("SELECT last_value FROM tries"), "6")
  }

  func testAnOlderObservationNeverOverwritesANewerOne() throws {
    let database = try TestDatabase()
    let newer: [String: String?] = [
      "observed_at": "2026-02-02T00:00:00Z", "email": "new@example.com",
    ]
    XCTAssertEqual(try sync(database), "inserted")
    XCTAssertEqual(try sync(database, newer), "updated")
    XCTAssertEqual(try sync(database), "stale")
    XCTAssertEqual(try database.value("SELECT email FROM cognito.users"), "new@example.com")
  }

  func testAnObservationOfTheSameInstantIsTaken() throws {
    let database = try TestDatabase()
    XCTAssertEqual(try sync(database), "inserted")
    XCTAssertEqual(try sync(database, ["email": "same@example.com"]), "updated")
  }

  func testAnObservationFromTheFutureDoesNotKeepLaterOnesOut() throws {
    let database = try TestDatabase()
    XCTAssertEqual(try sync(database, ["observed_at": "2999-01-01T00:00:00Z"]), "inserted")
    let now = Timestamp.now().advanced(by: .seconds(5)).rfc3339
    XCTAssertEqual(
      try sync(database, ["observed_at": now, "email": "later@example.com"]), "updated")
  }

  func testTheFirstConfirmationStands() throws {
    let database = try TestDatabase()
    XCTAssertEqual(try sync(database, ["confirmed_at": "2026-01-01T00:00:00Z"]), "inserted")
    XCTAssertEqual(try sync(database, ["confirmed_at": "2026-03-03T00:00:00Z"]), "unchanged")
    XCTAssertEqual(
      try sync(database, ["confirmed_at": "2026-03-03T00:00:00Z", "username": "lovelace"]),
      "updated")
    XCTAssertEqual(
      try database.value("SELECT confirmed_at = '2026-01-01T00:00:00Z' FROM cognito.users"), "t")
  }

  func testAUserMarkedAsDeletedIsBackWhenItIsSeen() throws {
    let database = try TestDatabase()
    XCTAssertEqual(try sync(database), "inserted")
    try database.execute("UPDATE cognito.users SET deleted_at = now()")
    XCTAssertEqual(try sync(database), "updated")
    XCTAssertEqual(try database.value("SELECT deleted_at IS NULL FROM cognito.users"), "t")
  }

  func testTheSameSubInAnotherPoolIsAnotherUser() throws {
    let database = try TestDatabase()
    XCTAssertEqual(try sync(database), "inserted")
    XCTAssertEqual(try sync(database, ["user_pool_id": "eu-central-1_b"]), "inserted")
    XCTAssertEqual(try database.value("SELECT count(DISTINCT id) FROM cognito.users"), "2")
  }

  func testAnUnchangedUserCostsNeitherWALNorATransactionID() throws {
    let database = try TestDatabase()
    XCTAssertEqual(try sync(database), "inserted")
    let state = "SELECT pg_current_wal_insert_lsn(), pg_snapshot_xmax(pg_current_snapshot())"
    let before = try database.query(state)
    for _ in 1...100 { XCTAssertEqual(try sync(database), "unchanged") }
    XCTAssertEqual(try database.query(state), before)
  }

  func testALockedRowIsGivenUpWithinTheFunctionsOwnLimit() throws {
    let database = try TestDatabase()
    XCTAssertEqual(try sync(database), "inserted")
    let rival = try database.connect()
    try rival.execute(
      script: "BEGIN; SELECT FROM cognito.users FOR UPDATE", until: .after(.seconds(5)))
    let start = Instant.now()
    XCTAssertThrowsError(try sync(database, ["email": "x@example.com"])) { error in
      XCTAssertEqual((error as? PostgresError)?.state, SQLState("55P03"))
    }
    XCTAssertGreaterThan(start.elapsed, .seconds(1))
    XCTAssertEqual(try sync(database), "unchanged", "reading takes no lock")
  }

  func testTheHandlersLoginMayCallTheFunctionAndNothingElse() throws {
    let database = try TestDatabase()
    let handler = try Connection.open(
      ConnectionParameters(parsing: database.handlerURL), until: .after(.seconds(10)))
    XCTAssertEqual(try sync(database, on: handler), "inserted")
    let forbidden = [
      "SELECT FROM cognito.users", "SELECT FROM cognito.roles", "SELECT FROM cognito.user_roles",
      "SELECT FROM cognito.schema_migrations", "INSERT INTO cognito.roles (name) VALUES ('admin')",
      "UPDATE cognito.users SET email = NULL", "DELETE FROM cognito.users",
      "TRUNCATE cognito.users", "CREATE TABLE cognito.mine ()", "CREATE TABLE public.mine ()",
      "DROP FUNCTION cognito.sync_user", "CREATE SCHEMA mine", "CREATE ROLE mine",
    ]
    for sql in forbidden {
      XCTAssertThrowsError(try handler.query(sql, until: .after(.seconds(10))), sql) { error in
        XCTAssertEqual((error as? PostgresError)?.state, SQLState("42501"), sql)
      }
    }
    let privileges = try database.value(
      """
      SELECT count(*) FROM pg_class, unnest(ARRAY['SELECT','INSERT','UPDATE','DELETE','TRUNCATE']) p
      WHERE relnamespace = 'cognito'::regnamespace AND relkind IN ('r', 'v', 'p')
        AND (has_table_privilege('\(database.handlerLogin)', pg_class.oid, p)
          OR (p <> 'DELETE' AND p <> 'TRUNCATE'
            AND has_any_column_privilege('\(database.handlerLogin)', pg_class.oid, p)))
      """)
    XCTAssertEqual(privileges, "0")
    let functions = try database.value(
      """
      SELECT string_agg(proname, ',' ORDER BY proname) FROM pg_proc
      WHERE pronamespace = 'cognito'::regnamespace
        AND has_function_privilege('\(database.handlerLogin)', oid, 'EXECUTE')
      """)
    XCTAssertEqual(
      functions,
      "claim_role_changes,claims_for_token,contents_for_token,decide_sign_up,find_legacy_user,find_user,is_reserved_claim,"
        + "mark_deleted,postpone_role_changes,reserved_claim,retry_missing_groups,roles_for_token,settle_role_changes,sync_user,sync_user_for_token"
    )
  }

  func testNobodyElseMayCallTheFunction() throws {
    let database = try TestDatabase()
    XCTAssertEqual(
      try database.value(
        "SELECT has_function_privilege('pg_monitor', 'cognito.sync_user'::regproc, 'EXECUTE')"), "f"
    )
  }
}
