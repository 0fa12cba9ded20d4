import TestSupport
import XCTest

/// Which changes of the outbox are claimed together, and what becomes of them.
final class RoleClaimTests: XCTestCase {
  private static let ada = "00000000-0000-0000-0000-00000000000a"
  private static let bob = "00000000-0000-0000-0000-00000000000b"

  /// Ada and Bob, and another Ada in another pool, who has the same `sub`; nobody has a role.
  private func makeDatabase() throws -> TestDatabase {
    let database = try TestDatabase()
    try database.execute(
      """
      INSERT INTO cognito.users (user_pool_id, sub, username, observed_at) VALUES
        ('p_1', '\(Self.ada)', 'ada', now()), ('p_1', '\(Self.bob)', 'bob', now()),
        ('p_2', '\(Self.ada)', 'other ada', now());
      INSERT INTO cognito.roles (name) VALUES ('admin'), ('editor'), ('guest');
      """)
    return database
  }

  /// Without an entry in the outbox.
  private func give(_ role: String, to user: String, in database: TestDatabase) throws {
    try database.execute(
      """
      ALTER TABLE cognito.user_roles DISABLE TRIGGER USER;
      INSERT INTO cognito.user_roles
      SELECT u.id, r.id FROM cognito.users u, cognito.roles r
      WHERE u.username = '\(user)' AND r.name::text = '\(role)';
      ALTER TABLE cognito.user_roles ENABLE TRIGGER USER;
      """)
  }

  /// - Parameter due: in minutes from now.
  private func enter(
    _ group: String, pool: String = "p_1", of sub: String = ada, username: String? = nil,
    attempts: Int = 0, due: Int = -1, failure: String? = nil, in database: TestDatabase
  ) throws {
    try database.query(
      """
      INSERT INTO cognito.role_outbox
        (user_pool_id, sub, username, group_name, attempts, next_attempt_at, failed_at, failure)
      VALUES ($1::text, $2::uuid, $3::text, $4::text, $5::integer, now() + $6::integer * interval '1 minute',
        CASE WHEN $7::text IS NOT NULL THEN now() END, $7::text)
      """, [pool, sub, username, group, "\(attempts)", "\(due)", failure])
  }

  private func claim(_ columns: String, in database: TestDatabase) throws -> [String] {
    try database.query("SELECT concat_ws(' ', \(columns)) FROM cognito.claim_role_changes()")
      .compactMap { $0[0] }
  }

  /// `pool username group failure` of every row, where a minus is no failure, and a plus one that is due.
  private func outbox(_ database: TestDatabase) throws -> [String] {
    try database.query(
      """
      SELECT concat_ws(' ', o.user_pool_id, u.username, o.group_name,
        coalesce(o.failure, CASE WHEN o.next_attempt_at > clock_timestamp() THEN '-' ELSE '+' END))
      FROM cognito.role_outbox AS o
      JOIN cognito.users AS u ON u.user_pool_id = o.user_pool_id AND u.sub = o.sub ORDER BY o.id
      """
    ).compactMap { $0[0] }
  }

  func testWhoHasWaitedLongestIsFirst() throws {
    let database = try makeDatabase()
    try enter("admin", of: Self.bob, due: -1, in: database)
    try enter("admin", due: -2, in: database)
    XCTAssertEqual(try claim("username", in: database), ["ada"])
    try database.execute("UPDATE cognito.role_outbox SET next_attempt_at = '2026-01-01'")
    XCTAssertEqual(try claim("username", in: database), ["bob"])
  }

  /// The caller's transaction may be older than the change.
  func testWhatIsDueIsSaidByTheClock() throws {
    let database = try makeDatabase()
    let worker = try database.connect()
    try worker.execute(script: "BEGIN; SELECT now()", until: .after(.seconds(10)))
    try enter("admin", due: 0, in: database)
    let claimed = try worker.query(
      "SELECT FROM cognito.claim_role_changes()", until: .after(.seconds(10)))
    XCTAssertEqual(claimed.rowCount, 1)
  }

  func testTheSameSubInAnotherPoolIsAnotherUser() throws {
    let database = try makeDatabase()
    for role in ["admin", "editor"] { try give(role, to: "other ada", in: database) }
    try enter("admin", pool: "p_2", due: 60, in: database)
    try enter("editor", pool: "p_2", failure: "missing_group", in: database)
    try enter("admin", in: database)
    XCTAssertEqual(
      try claim(
        "user_pool_id, username, group_name, wanted, cardinality(changes), addition_failed",
        in: database), ["p_1 ada admin f 1 f"])
  }

  func testTheNameIsTheUsersOfNowOrTheLastThatIsKnown() throws {
    let database = try makeDatabase()
    for name in ["before", "then"] { try enter("admin", username: name, in: database) }
    try database.execute("UPDATE cognito.users SET username = 'now' WHERE username = 'ada'")
    XCTAssertEqual(try claim("username", in: database), ["now"])
    try database.execute("DELETE FROM cognito.users")
    XCTAssertEqual(try claim("username", in: database), ["then"])
    try database.execute("UPDATE cognito.role_outbox SET username = NULL")
    XCTAssertEqual(try claim("username", in: database), [Self.ada])
  }

  func testTheChangesOfAGroupAreOneAndTheGroupChangedLastIsLast() throws {
    let database = try makeDatabase()
    for (group, attempts) in [
      ("guest", 0), ("admin", 1), ("editor", 0), ("guest", 3), ("guest", 2),
    ] {
      try enter(group, attempts: attempts, in: database)
    }
    XCTAssertEqual(
      try claim("group_name, attempts, cardinality(changes)", in: database),
      ["admin 1 1", "editor 0 1", "guest 3 3"])
  }

  func testWhatKeepsAUserFromLosingGroups() throws {
    let cases: [(role: String, user: String, kept: String, of: String, again: Bool, Bool)] = [
      ("admin", "ada", "admin", Self.ada, false, true),
      // What no role asks for any more, or of somebody else; and what is tried again now.
      ("editor", "ada", "admin", Self.ada, false, false),
      ("admin", "bob", "admin", Self.bob, false, false),
      ("admin", "ada", "admin", Self.ada, true, false),
    ]
    for row in cases {
      let database = try makeDatabase()
      try give(row.role, to: row.user, in: database)
      try enter(row.kept, of: row.of, failure: "missing_group", in: database)
      try enter("guest", in: database)
      if row.again { try enter(row.kept, in: database) }
      let claimed = try claim("group_name, addition_failed", in: database)
      XCTAssertEqual(claimed.first, "guest \(row.5 ? "t" : "f")", "\(row)")
    }
  }

  func testWhatIsSettledTakesOldFailuresOfTheSameAlongAndFreesWhatWaitedForIt() throws {
    let database = try makeDatabase()
    for (pool, sub) in [("p_1", Self.ada), ("p_1", Self.bob), ("p_2", Self.ada)] {
      try enter("admin", pool: pool, of: sub, due: 60, failure: "missing_group", in: database)
      try enter("guest", pool: pool, of: sub, due: 60, failure: "addition_failed", in: database)
    }
    try enter("editor", due: 60, failure: "refused", in: database)
    try enter("admin", due: 60, in: database)
    try enter("admin", username: "settled", in: database)
    try enter("admin", due: 60, failure: "refused", in: database)
    try database.execute(
      """
      SELECT cognito.settle_role_changes(ARRAY(
        SELECT id FROM cognito.role_outbox WHERE username = 'settled'))
      """)
    XCTAssertEqual(
      try outbox(database),
      [
        "p_1 ada guest +", "p_1 bob admin missing_group", "p_1 bob guest addition_failed",
        "p_2 other ada admin missing_group", "p_2 other ada guest addition_failed",
        "p_1 ada editor refused", "p_1 ada admin -", "p_1 ada admin refused",
      ])
  }

  func testWhatIsPostponedIsDueAgainAndWhatIsGivenUpIsNot() throws {
    let database = try makeDatabase()
    try enter("admin", attempts: 4, in: database)
    let row = """
      SELECT attempts, last_error, failure, failed_at IS NOT NULL,
        next_attempt_at - now() BETWEEN interval '1 minute 20 milliseconds' AND interval '2 minutes',
        next_attempt_at <= clock_timestamp()
      FROM cognito.role_outbox
      """
    func postpone(_ arguments: String) throws {
      try database.execute(
        """
        SELECT cognito.postpone_role_changes(ARRAY(SELECT id FROM cognito.role_outbox), \(arguments))
        """)
    }
    try database.execute("BEGIN; SELECT pg_sleep(0.02)")
    try postpone("'busy', '1 minute'")
    XCTAssertEqual(try database.query(row), [["5", "busy", nil, "f", "t", "f"]])
    try database.execute("COMMIT")
    try postpone("'no such group', NULL, 'missing_group'")
    XCTAssertEqual(
      try database.query(row), [["6", "no such group", "missing_group", "t", "f", "t"]])
    try postpone("'no', NULL")
    XCTAssertEqual(try database.query(row), [["7", "no", "refused", "t", "f", "t"]])
  }

  func testWhereGroupsMayBeMadeWhatLackedOneIsDueAndWhatWaitedForIt() throws {
    let database = try makeDatabase()
    try enter("admin", due: 60, failure: "missing_group", in: database)
    try enter("guest", due: 60, failure: "addition_failed", in: database)
    try enter("editor", due: 60, failure: "refused", in: database)
    // They wait for something else.
    for (pool, sub) in [("p_1", Self.bob), ("p_2", Self.ada)] {
      try enter("admin", pool: pool, of: sub, due: 60, failure: "refused", in: database)
      try enter("guest", pool: pool, of: sub, due: 60, failure: "addition_failed", in: database)
    }
    try database.execute("SELECT cognito.retry_missing_groups()")
    XCTAssertEqual(
      try outbox(database),
      [
        "p_1 ada admin +", "p_1 ada guest +", "p_1 ada editor refused", "p_1 bob admin refused",
        "p_1 bob guest addition_failed", "p_2 other ada admin refused",
        "p_2 other ada guest addition_failed",
      ])
  }
}
