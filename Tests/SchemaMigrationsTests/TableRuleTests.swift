import Foundation
import Postgres
import TestSupport
import XCTest

/// What the tables themselves keep right, whoever writes them.
final class TableRuleTests: XCTestCase {
  /// Ada, who has the role admin and signed in on one day.
  private func makeDatabase() throws -> TestDatabase {
    let database = try TestDatabase()
    try database.execute(
      """
      INSERT INTO cognito.users (user_pool_id, sub, username, email, observed_at)
      VALUES ('p_1', gen_random_uuid(), 'ada', 'Ada@Example.com', now());
      INSERT INTO cognito.roles (name) VALUES ('admin');
      INSERT INTO cognito.user_roles SELECT u.id, r.id FROM cognito.users u, cognito.roles r;
      INSERT INTO cognito.sign_ins (user_id, day, first_at, last_at)
      SELECT id, '2026-01-01', '2026-01-01', '2026-01-01' FROM cognito.users;
      """)
    return database
  }

  func testWhatNoRowMayBe() throws {
    let database = try makeDatabase()
    let (null, twice, check) = ("23502", "23505", "23514")
    let refused: [(statement: String, code: String)] = [
      ("UPDATE cognito.users SET user_pool_id = NULL", null),
      ("UPDATE cognito.users SET sub = NULL", null),
      ("UPDATE cognito.users SET enabled = NULL", null),
      ("UPDATE cognito.users SET attributes = NULL", null),
      ("UPDATE cognito.users SET observed_at = NULL", null),
      ("UPDATE cognito.users SET created_at = NULL", null),
      ("UPDATE cognito.users SET updated_at = NULL", null),
      (
        """
        INSERT INTO cognito.users (user_pool_id, sub, observed_at)
        SELECT user_pool_id, sub, now() FROM cognito.users
        """, twice
      ),
      ("UPDATE cognito.roles SET name = NULL", null),
      ("UPDATE cognito.roles SET name = ''", check),
      ("INSERT INTO cognito.roles (name) VALUES ('Admin')", twice),
      ("INSERT INTO cognito.user_roles SELECT * FROM cognito.user_roles", twice),
      ("INSERT INTO cognito.user_roles SELECT id, gen_random_uuid() FROM cognito.users", "23503"),
      ("INSERT INTO cognito.user_roles SELECT gen_random_uuid(), id FROM cognito.roles", "23503"),
      ("INSERT INTO cognito.sign_ins SELECT * FROM cognito.sign_ins", twice),
      (
        """
        INSERT INTO cognito.reconciliation_sightings
        SELECT u.id, u.sub FROM cognito.users AS u, generate_series(1, 2)
        """, twice
      ),
      ("UPDATE cognito.role_outbox SET failed_at = now(), failure = 'bad luck'", check),
      ("UPDATE cognito.role_outbox SET failed_at = now()", check),
      ("UPDATE cognito.role_outbox SET failure = 'refused'", check),
    ]
    for row in refused {
      XCTAssertThrowsError(try database.query(row.statement), row.statement) { error in
        XCTAssertEqual((error as? PostgresError)?.state, SQLState(row.code), row.statement)
      }
    }
  }

  func testWhatARowIsUnlessItIsSaid() throws {
    let database = try makeDatabase()
    XCTAssertEqual(
      try database.query(
        """
        INSERT INTO cognito.users (user_pool_id, sub, observed_at)
        VALUES ('p_2', gen_random_uuid(), '2026-01-01')
        RETURNING enabled, attributes, created_at = now(), updated_at = now(), deleted_at
        """), [["t", "{}", "t", "t", nil]])
  }

  func testRolesAndSignInsGoWithTheirUserOrRole() throws {
    for (deletion, left) in [("roles", ["0", "1"]), ("users", ["0", "0"])] {
      let database = try makeDatabase()
      try database.execute("DELETE FROM cognito.\(deletion)")
      XCTAssertEqual(
        try database.query(
          """
          SELECT (SELECT count(*) FROM cognito.user_roles), (SELECT count(*) FROM cognito.sign_ins)
          """), [left], deletion)
    }
  }

  func testAnAddressAndARoleAreFoundInAnyLetterCase() throws {
    let database = try makeDatabase()
    XCTAssertEqual(
      try database.value("SELECT email FROM cognito.users WHERE email = 'ada@example.COM'"),
      "Ada@Example.com")
    XCTAssertEqual(
      try database.value("SELECT count(*) FROM cognito.roles WHERE name = 'ADMIN'"), "1")
  }

  /// By an index, also where the planner would rather read a table of one row.
  func testWhatIsLookedUpIsLookedUpByAnIndex() throws {
    let database = try makeDatabase()
    try database.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
    let lookUps: [(condition: String, index: String)] = [
      ("users WHERE email = 'ada@example.com'", "users_email_idx"),
      (
        "users WHERE user_pool_id = 'p_1' AND sub = gen_random_uuid()", "users_user_pool_id_sub_key"
      ),
      (
        "user_roles WHERE role_id = '00000000-0000-0000-0000-000000000000'",
        "user_roles_role_id_idx"
      ),
      ("sign_ins WHERE day < '2026-01-01'", "sign_ins_day_idx"),
      (
        "reconciliations WHERE user_pool_id = 'p_1' ORDER BY started_at DESC LIMIT 1",
        "reconciliations_user_pool_id_started_at_idx"
      ),
      (
        "role_outbox WHERE user_pool_id = 'p_1' AND sub = '00000000-0000-0000-0000-000000000000'",
        "role_outbox_user_idx"
      ),
      (
        "role_outbox WHERE failed_at IS NULL ORDER BY next_attempt_at, id LIMIT 1",
        "role_outbox_due_idx"
      ),
      ("role_outbox WHERE failure = 'missing_group'", "role_outbox_failure_idx"),
    ]
    for lookUp in lookUps {
      let plan = try database.query("EXPLAIN SELECT * FROM cognito.\(lookUp.condition)")
        .compactMap { $0[0] }.joined(separator: "\n")
      XCTAssertTrue(plan.contains(lookUp.index), "\(lookUp.condition)\n\(plan)")
      XCTAssertFalse(plan.contains("Sort"), "\(lookUp.condition)\n\(plan)")
    }
  }

  /// What waits to be tried again, or for somebody, is no part of what claiming reads; most rows cost no failure.
  func testTheIndexesOfTheOutboxHoldOnlyWhatIsAskedOfThem() throws {
    let database = try makeDatabase()
    XCTAssertEqual(
      try database.query(
        """
        SELECT c.relname, pg_get_expr(i.indpred, i.indrelid) FROM pg_index AS i
        JOIN pg_class AS c ON c.oid = i.indexrelid
        WHERE i.indrelid = 'cognito.role_outbox'::regclass AND i.indpred IS NOT NULL ORDER BY 1
        """),
      [
        ["role_outbox_due_idx", "(failed_at IS NULL)"],
        ["role_outbox_failure_idx", "(failure IS NOT NULL)"],
      ])
  }

  func testWhoWasListedIsNotWorthItsWAL() throws {
    let database = try makeDatabase()
    let state = "SELECT pg_current_wal_insert_lsn()"
    try database.execute("BEGIN")
    let before = try database.value(state)
    try database.execute(
      "INSERT INTO cognito.reconciliation_sightings VALUES (gen_random_uuid(), gen_random_uuid())")
    XCTAssertEqual(try database.value(state), before)
    try database.execute("ROLLBACK")
  }
}
