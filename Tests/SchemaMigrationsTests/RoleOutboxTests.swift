import Clock
import Foundation
import Postgres
import SchemaMigrations
import TestSupport
import XCTest

/// What the triggers write, and how the outbox is claimed; Cognito has no part in it.
final class RoleOutboxTests: XCTestCase {
  /// A database with users Ada and Bob and the roles admin and editor.
  private func makeDatabase() throws -> TestDatabase {
    let database = try TestDatabase()
    try database.execute(
      """
      INSERT INTO cognito.users (user_pool_id, sub, username, observed_at)
      SELECT 'eu-central-1_a', gen_random_uuid(), name, now() FROM unnest(ARRAY['ada', 'bob']) AS name;
      INSERT INTO cognito.roles (name) VALUES ('admin'), ('editor');
      """)
    return database
  }

  private func give(_ role: String, to user: String, in database: TestDatabase) throws {
    try database.query(
      """
      INSERT INTO cognito.user_roles
      SELECT u.id, r.id FROM cognito.users u, cognito.roles r
      WHERE u.username = $1::text AND r.name::text = $2::text
      """, [user, role])
  }

  /// `user group` of every row that waits, oldest first.
  private func waiting(_ database: TestDatabase) throws -> [String] {
    try database.query(
      "SELECT username || ' ' || group_name FROM cognito.role_outbox ORDER BY id"
    ).map { $0[0] ?? "" }
  }

  /// `user group wanted` of what one transaction claims.
  private func claim(_ connection: Connection) throws -> [String] {
    try connection.query(
      "SELECT username, group_name, wanted FROM cognito.claim_role_changes()",
      until: .after(.seconds(10))
    ).rows.map { row in row.map { $0 ?? "" }.joined(separator: " ") }
  }

  private func empty(_ database: TestDatabase) throws {
    try database.execute("DELETE FROM cognito.role_outbox")
  }

  func testAClaimFromARegionLeavesOtherRegionsPoolsAlone() throws {
    let database = try makeDatabase()
    try database.execute(
      """
      INSERT INTO cognito.users (user_pool_id, sub, username, observed_at) VALUES
        ('us-east-1_b', gen_random_uuid(), 'carol', now()),
        ('local_c', gen_random_uuid(), 'dan', now()),
        ('eu-central-12_d', gen_random_uuid(), 'erin', now()),
        ('us-gov-west-1_e', gen_random_uuid(), 'fay', now()),
        ('us-iso-east-1_f', gen_random_uuid(), 'gil', now());
      INSERT INTO cognito.user_roles SELECT u.id, r.id FROM cognito.users u, cognito.roles r
      WHERE r.name = 'admin'
      """)
    for (region, expected) in [
      ("'eu-central-1'", ["ada", "bob", "dan"]), ("'us-east-1'", ["carol", "dan"]),
      ("'us-gov-west-1'", ["dan", "fay"]), ("'us-gov-east-1'", ["dan"]),
      ("'ap-south-1'", ["dan"]),
      ("NULL", ["ada", "bob", "carol", "dan", "erin", "fay", "gil"]),
      (
        "'us-east-1', ARRAY[(SELECT user_pool_id FROM cognito.users WHERE username = 'carol')]",
        ["dan"]
      ),
    ] {
      var names: Set<String> = []
      let connection = try database.connect()
      try connection.execute(script: "BEGIN", until: .after(.seconds(10)))
      while true {
        let rows = try connection.query(
          "SELECT username, changes FROM cognito.claim_role_changes(\(region))",
          until: .after(.seconds(10))
        ).rows
        guard let row = rows.first, let name = row[0], names.insert(name).inserted else { break }
        _ = try connection.query(
          "SELECT cognito.settle_role_changes($1::bigint[])", [row[1]],
          until: .after(.seconds(10)))
      }
      try connection.execute(script: "ROLLBACK", until: .after(.seconds(10)))
      XCTAssertEqual(names.sorted(), expected, region)
    }
  }

  func testEveryWayToChangeARoleIsWritten() throws {
    let database = try makeDatabase()
    let changes: [(String, [String])] = [
      (
        """
        INSERT INTO cognito.user_roles SELECT u.id, r.id FROM cognito.users u, cognito.roles r
        """, ["ada admin", "ada editor", "bob admin", "bob editor"]
      ),
      (
        """
        DELETE FROM cognito.user_roles USING cognito.users u, cognito.roles r
        WHERE u.id = user_id AND r.id = role_id AND username = 'bob' AND name = 'admin'
        """, ["bob admin"]
      ),
      (
        """
        UPDATE cognito.user_roles SET role_id = (SELECT id FROM cognito.roles WHERE name = 'admin')
        FROM cognito.users u WHERE u.id = user_id AND username = 'bob'
        """, ["bob admin", "bob editor"]
      ),
      (
        "UPDATE cognito.roles SET name = 'owner' WHERE name = 'admin'",
        ["ada admin", "ada owner", "bob admin", "bob owner"]
      ),
      // To citext the same name, to Cognito another group.
      (
        "UPDATE cognito.roles SET name = 'Editor' WHERE name = 'editor'",
        ["ada Editor", "ada editor"]
      ),
      ("UPDATE cognito.roles SET name = name", []),
      ("DELETE FROM cognito.roles WHERE name = 'owner'", ["ada owner", "bob owner"]),
      ("TRUNCATE cognito.user_roles", ["ada Editor"]),
      (
        """
        INSERT INTO cognito.user_roles SELECT u.id, r.id FROM cognito.users u, cognito.roles r
        """, ["ada Editor", "bob Editor"]
      ),
      ("DELETE FROM cognito.users WHERE username = 'bob'", ["bob Editor"]),
    ]
    for (statement, expected) in changes {
      try empty(database)
      try database.execute(statement)
      XCTAssertEqual(try waiting(database).sorted(), expected.sorted(), statement)
    }
  }

  func testAChangeThatIsRolledBackIsNotWritten() throws {
    let database = try makeDatabase()
    try database.execute("BEGIN")
    try give("admin", to: "ada", in: database)
    XCTAssertEqual(try waiting(database), ["ada admin"])
    try database.execute("ROLLBACK")
    XCTAssertEqual(try waiting(database), [])
  }

  /// An application's own login may fill `user_roles`, and has no right on the outbox.
  func testTheWriterNeedsNoRightOnTheOutbox() throws {
    let database = try makeDatabase()
    try database.execute(
      """
      GRANT USAGE ON SCHEMA cognito TO \(database.handlerLogin);
      GRANT SELECT ON cognito.users, cognito.roles TO \(database.handlerLogin);
      GRANT INSERT ON cognito.user_roles TO \(database.handlerLogin);
      """)
    let application = try Connection.open(
      ConnectionParameters(parsing: database.handlerURL), until: .after(.seconds(10)))
    _ = try application.query(
      """
      INSERT INTO cognito.user_roles SELECT u.id, r.id FROM cognito.users u, cognito.roles r
      WHERE username = 'ada' AND name::text = 'admin'
      """, until: .after(.seconds(10)))
    XCTAssertEqual(try waiting(database), ["ada admin"])
    XCTAssertThrowsError(
      try application.query("SELECT FROM cognito.role_outbox", until: .after(.seconds(10))))
  }

  func testRolesThatWereThereBeforeTheOutboxAreWritten() throws {
    let database = try TestDatabase(migrated: false)
    let outbox = try XCTUnwrap(Migration.all.first { $0.name == "roles_to_cognito" })
    try Migrator(
      connection: database.owner, migrations: Migration.all.filter { $0.version < outbox.version }
    ).migrate()
    try database.execute(
      """
      INSERT INTO cognito.users (user_pool_id, sub, username, observed_at)
      VALUES ('eu-central-1_a', gen_random_uuid(), 'ada', now());
      INSERT INTO cognito.roles (name) VALUES ('admin');
      """)
    try give("admin", to: "ada", in: database)
    try Migrator(connection: database.owner).migrate()
    XCTAssertEqual(try waiting(database), ["ada admin"])
  }

  func testAClaimSaysWhatTheTablesWantNow() throws {
    let database = try makeDatabase()
    try give("admin", to: "ada", in: database)
    try give("editor", to: "ada", in: database)
    try database.execute("DELETE FROM cognito.roles WHERE name = 'admin'")
    XCTAssertEqual(try claim(database.owner), ["ada editor t", "ada admin f"])
  }

  /// What waits for a later attempt is not looked at.
  func testAClaimPassesOver200000PostponedChanges() throws {
    let database = try makeDatabase()
    try database.execute(
      """
      INSERT INTO cognito.role_outbox (user_pool_id, sub, group_name, attempts, next_attempt_at)
      SELECT 'eu-central-1_a', gen_random_uuid(), 'admin', 1, now() + interval '1 hour'
      FROM generate_series(1, 200000)
      """)
    try give("admin", to: "ada", in: database)
    let read = """
      SELECT pg_stat_get_xact_tuples_returned(c.oid) + coalesce(sum(
        pg_stat_get_xact_tuples_returned(i.indexrelid)), 0)
      FROM pg_class c LEFT JOIN pg_index i ON i.indrelid = c.oid
      WHERE c.oid = 'cognito.role_outbox'::regclass GROUP BY c.oid
      """
    for claimed in [["ada admin t"], []] {
      let worker = try database.connect()
      try worker.execute(script: "BEGIN", until: .after(.seconds(10)))
      XCTAssertEqual(try claim(worker), claimed)
      let rows = try worker.query(read, until: .after(.seconds(10))).text(row: 0, column: 0)
      XCTAssertLessThan(try XCTUnwrap(rows.flatMap { Int($0) }), 50, "\(claimed)")
      try worker.execute(script: "COMMIT", until: .after(.seconds(10)))
      try database.execute("DELETE FROM cognito.role_outbox WHERE username = 'ada'")
    }
  }

  func testTwoWorkersNeverHaveTheSameUser() throws {
    let database = try makeDatabase()
    for user in ["ada", "bob"] {
      try give("admin", to: user, in: database)
      try give("editor", to: user, in: database)
    }
    let workers = try (0..<3).map { _ in try database.connect() }
    for worker in workers { try worker.execute(script: "BEGIN", until: .after(.seconds(10))) }
    XCTAssertEqual(try claim(workers[0]), ["ada admin t", "ada editor t"])
    XCTAssertEqual(try claim(workers[1]), ["bob admin t", "bob editor t"])
    XCTAssertEqual(try claim(workers[2]), [])
    // One dies: its user is to be had again at once.
    workers[0].close()
    try eventually("the changes come back") {
      try self.claim(workers[2]) == ["ada admin t", "ada editor t"]
    }
  }

  func testAUserWaitsWithItsOldestChange() throws {
    let database = try makeDatabase()
    try give("admin", to: "ada", in: database)
    try database.query(
      """
      SELECT cognito.postpone_role_changes(changes, 'busy', '1 hour')
      FROM cognito.claim_role_changes()
      """)
    try give("editor", to: "ada", in: database)
    try give("editor", to: "bob", in: database)
    XCTAssertEqual(try claim(database.owner), ["bob editor t"])
  }

  func testAChangeThatIsGivenUpIsKeptAndHoldsNobodyUp() throws {
    let database = try makeDatabase()
    try give("admin", to: "ada", in: database)
    try database.query(
      """
      SELECT cognito.postpone_role_changes(changes, 'no such user', NULL)
      FROM cognito.claim_role_changes()
      """)
    XCTAssertEqual(try claim(database.owner), [])
    XCTAssertEqual(
      try database.query(
        "SELECT group_name, attempts, last_error FROM cognito.role_outbox WHERE failed_at IS NOT NULL"
      ),
      [["admin", "1", "no such user"]])
    try give("editor", to: "ada", in: database)
    XCTAssertEqual(try claim(database.owner), ["ada editor t"])
    // A later change of the same group that succeeds says all there is to say.
    try database.execute("DELETE FROM cognito.user_roles")
    try database.query(
      "SELECT cognito.settle_role_changes(changes) FROM cognito.claim_role_changes()")
    XCTAssertEqual(try waiting(database), [])
  }

  func testAListenerHearsOfAChangeWhenItIsCommitted() throws {
    let database = try makeDatabase()
    let listener = try database.connect()
    _ = try listener.query("LISTEN cognito_role_outbox", until: .after(.seconds(10)))
    try database.execute("BEGIN")
    try give("admin", to: "ada", in: database)
    XCTAssertFalse(try listener.waitForNotification(until: .after(.milliseconds(100))))
    try database.execute("COMMIT")
    XCTAssertTrue(try listener.waitForNotification(until: .after(.seconds(10))))
    XCTAssertFalse(try listener.waitForNotification(until: .after(.milliseconds(100))))
  }
}
