import TestSupport
import XCTest

/// `cognito.legacy_user`, which a team replaces, and `cognito.find_legacy_user`, which counts attempts.
final class LegacyUserTests: XCTestCase {
  private func database() throws -> TestDatabase {
    let database = try TestDatabase()
    try database.execute(
      """
      CREATE SCHEMA app;
      CREATE TABLE app.accounts (id, email, email_verified, password_hash, locked_at) AS VALUES
        (7, 'ada@example.com', true, 'hash of Ada', NULL::timestamptz),
        (8, 'bob@example.com', true, 'hash of Bob', now());
      """
        + WorkedExample.text(
          "CREATE OR REPLACE FUNCTION cognito.legacy_user(", in: "0012_legacy_users.sql"))
    return database
  }

  private func find(
    _ database: TestDatabase, _ name: String, pool: String = "p_1", limit: Int? = 3,
    window: String = "15 minutes"
  ) throws -> [String?] {
    try database.query(
      "SELECT * FROM cognito.find_legacy_user($1::text, $2::text, $3::integer, $4::interval)",
      [pool, name, limit.map(String.init), window]
    ).first ?? []
  }

  func testAsItIsShippedNobodyIsThere() throws {
    XCTAssertEqual(try find(try TestDatabase(), "ada@example.com"), ["t", nil, nil, nil])
  }

  func testATeamsOwnFunctionSaysWhoIsThere() throws {
    let database = try database()
    let ada =
      #"{"email": "ada@example.com", "email_verified": true, "custom:legacy_id": 7}"#
    XCTAssertEqual(try find(database, "ada@example.com"), ["t", "hash of Ada", ada, nil])
    XCTAssertEqual(try find(database, "bob@example.com"), ["t", nil, nil, nil], "locked")
    XCTAssertEqual(try find(database, "eve@example.com"), ["t", nil, nil, nil])
    XCTAssertEqual(try find(database, "' OR true --"), ["t", nil, nil, nil])
  }

  func testWhoHasComeDoesNotComeAgainNotEvenDeleted() throws {
    let database = try database()
    try database.execute(
      """
      INSERT INTO cognito.users (user_pool_id, sub, attributes, observed_at, deleted_at)
      VALUES ('p_1', gen_random_uuid(), '{"custom:legacy_id": "7"}', now(), now())
      """)
    XCTAssertEqual(try find(database, "ada@example.com"), ["t", nil, nil, nil])
    XCTAssertEqual(try find(database, "ada@example.com", pool: "p_2")[1], "hash of Ada")
    try database.execute("UPDATE cognito.users SET attributes = '{}'")
    XCTAssertEqual(
      try find(database, "ada@example.com")[1], "hash of Ada", "forgotten: the old row has to go")
  }

  /// Fixtures/imports/legacy_user.sql, and what its comment makes of it for the template's pool.
  func testThePoolsNamesAreLoginsOrAddresses() throws {
    func script(_ name: String) throws -> String {
      try String(
        contentsOf: TestEnvironment.fixtures.appendingPathComponent("imports/\(name).sql"),
        encoding: .utf8)
    }
    let accounts = try script("accounts")
    let logins = try script("legacy_user")
    XCTAssertTrue(logins.contains("write a.email for every a.login"))
    let addresses = logins.replacingOccurrences(of: "a.login", with: "a.email")
    for (function, login, name) in [
      (logins, "hash of Ada", "Ada"), (addresses, nil, "Ada@example.com"),
    ] {
      let database = try TestDatabase()
      try database.execute(
        accounts + function + """
          INSERT INTO shop.accounts (id, login, email, password)
          VALUES ('7', 'Ada', 'Ada@example.com', 'hash of Ada');
          """)
      let byAddress = try find(database, "ada@EXAMPLE.com")
      XCTAssertEqual([byAddress[1], byAddress[3]], ["hash of Ada", name])
      XCTAssertEqual(try find(database, "Ada")[1], login)
    }
  }

  func testAPasswordMayBeTriedSoOftenWhateverTheSpelling() throws {
    let database = try database()
    let spellings = ["ada@example.com", "ADA@example.com", "Ada@Example.COM", "aDa@example.com"]
    XCTAssertEqual(try spellings.map { try find(database, $0)[0] }, ["t", "t", "t", "f"])
    XCTAssertEqual(try find(database, "eve@example.com")[0], "t", "another")
    XCTAssertEqual(try find(database, "ada@example.com", pool: "p_2")[0], "t", "another pool")
    // So for somebody who is not there, or the difference would tell.
    XCTAssertEqual(
      try ["x", "X", "x", "x"].map { try find(database, $0)[0] }, ["t", "t", "t", "f"])
    XCTAssertEqual(
      try find(database, "ada@example.com", limit: nil)[0], "t", "no password is tried")
  }

  func testTheWindowBeginsWithTheFirstAttemptAndWhatIsOverGoes() throws {
    let database = try database()
    for _ in 1...4 { _ = try find(database, "ada@example.com") }
    try database.execute("UPDATE cognito.legacy_attempts SET ends_at = now() - interval '1 second'")
    XCTAssertEqual(
      try (1...4).map { _ in try find(database, "ada@example.com")[0] }, ["t", "t", "t", "f"])

    try database.execute(
      """
      INSERT INTO cognito.legacy_attempts
      SELECT sha256(n::text::bytea), 1, now() - interval '1 minute' FROM generate_series(1, 7) AS n
      """)
    for _ in 1...3 { _ = try find(database, "ada@example.com") }
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.legacy_attempts"), "1")
  }

  func testNothingOfAPersonIsKept() throws {
    let database = try database()
    for name in ["ada@example.com", "eve@example.com"] { _ = try find(database, name) }
    XCTAssertEqual(
      try database.value(
        """
        SELECT count(*) FROM cognito.legacy_attempts
        WHERE octet_length(account) = 32 AND account NOT IN (
          SELECT sha256(x) FROM unnest(ARRAY['eve@example.com', 'hash of Ada']::bytea[]) AS x)
        """), "2")
    let keys = try [database, TestDatabase()].map {
      try $0.value("SELECT key FROM cognito.legacy_attempts_key WHERE octet_length(key) = 32")
    }
    XCTAssertNotNil(keys[0])
    XCTAssertNotEqual(keys[0], keys[1])
  }
}
