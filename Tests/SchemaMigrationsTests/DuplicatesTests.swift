import TestSupport
import XCTest

/// `cognito.duplicates`: rows that may be one person.
final class DuplicatesTests: XCTestCase {
  private func pairs(_ database: TestDatabase) throws -> [String] {
    try database.query(
      """
      SELECT o.username || ' ' || n.username || ' ' || reason
      FROM cognito.duplicates
      JOIN cognito.users AS o ON o.id = older_id AND o.sub = older_sub
      JOIN cognito.users AS n ON n.id = newer_id AND n.sub = newer_sub
      WHERE o.user_pool_id = duplicates.user_pool_id ORDER BY 1
      """
    ).map { $0[0] ?? "" }
  }

  /// `a` is older than `b`; `columns` are what both get.
  private func pairs(_ one: String, _ other: String, columns: String) throws -> [String] {
    let database = try TestDatabase()
    try database.execute(
      """
      INSERT INTO cognito.users (user_pool_id, sub, observed_at, created_at, username, \(columns))
      VALUES ('p_1', gen_random_uuid(), now(), now() + interval '1 s', 'b', \(other)),
        ('p_1', gen_random_uuid(), now(), now(), 'a', \(one))
      """)
    return try pairs(database)
  }

  func testASharedVerifiedAddressIsAPair() throws {
    let email = "email, email_verified"
    XCTAssertEqual(try pairs("'A@x.org', true", "'a@X.org', true", columns: email), ["a b email"])
    XCTAssertEqual(try pairs("'a@x.org', true", "'a@x.org', false", columns: email), [])
    XCTAssertEqual(try pairs("'a@x.org', NULL", "'a@x.org', NULL", columns: email), [])
    XCTAssertEqual(try pairs("NULL, true", "NULL, true", columns: email), [])
    XCTAssertEqual(try pairs("'a@x.org', true", "'b@x.org', true", columns: email), [])
    let phone = "phone_number, phone_number_verified"
    XCTAssertEqual(try pairs("'+1', true", "'+1', true", columns: phone), ["a b phone_number"])
    XCTAssertEqual(try pairs("'+1', true", "'+1', false", columns: phone), [])
    XCTAssertEqual(try pairs("NULL, true", "NULL, true", columns: phone), [])
  }

  func testASharedIdentityIsAPair() throws {
    let google = #"{"providerName": "Google", "userId": "1"}"#
    let cases: [(String, String, [String])] = [
      (google, #"{"userId": "1", "primary": "true", "providerName": "Google"}"#, ["a b identity"]),
      (#"{"providerName": "x", "userId": "2"}, \#(google)"#, google, ["a b identity"]),
      // Each once, however much is shared.
      (
        "\(google), \(google)", #"{"providerName": "x", "userId": "2"}, \#(google)"#,
        ["a b identity"]
      ),
      (google, #"{"providerName": "Google", "userId": "2"}"#, []),
      (google, #"{"providerName": "Facebook", "userId": "1"}"#, []),
      (#"{"providerName": "Google"}"#, #"{"providerName": "Google"}"#, []), ("", "", []),
      (#"1, null, "Google", [\#(google)]"#, #"1, null, "Google", [\#(google)]"#, []),
    ]
    for (one, other, expected) in cases {
      XCTAssertEqual(
        try pairs("'[\(one)]'", "'[\(other)]'", columns: "identities"), expected, "\(one) \(other)")
    }
    for odd in ["'{}'", "'null'", "'\"Google\"'", "NULL", "'\(google)'"] {
      XCTAssertEqual(try pairs(odd, odd, columns: "identities"), [], odd)
    }
  }

  func testEveryPairOfAPoolAndNobodyWhoIsForgottenOrMerged() throws {
    let database = try TestDatabase()
    try database.execute(
      """
      INSERT INTO cognito.users (user_pool_id, sub, observed_at, created_at, username, email, email_verified)
      SELECT pool, gen_random_uuid(), now(), now() + make_interval(secs => ascii(name)), name, 'x@x.org', true
      FROM (VALUES ('p_1', 'a'), ('p_1', 'b'), ('p_1', 'c'), ('p_2', 'd')) AS u (pool, name);
      UPDATE cognito.users SET deleted_at = now() WHERE username = 'a'
      """)
    XCTAssertEqual(try pairs(database), ["a b email", "a c email", "b c email"])
    XCTAssertEqual(
      try database.value(
        "SELECT count(older_deleted_at) || ' ' || count(newer_deleted_at) FROM cognito.duplicates"),
      "2 0")
    try database.execute(
      "UPDATE cognito.users SET merged_into = (SELECT id FROM cognito.users WHERE username = 'b') WHERE username = 'a'"
    )
    XCTAssertEqual(try pairs(database), ["b c email"])
    try database.execute("UPDATE cognito.users SET forgotten_at = now() WHERE username = 'c'")
    XCTAssertEqual(try pairs(database), [])
  }

  /// Whether the server knows anything of the table's values or not: compared one with another, 100,000 users would
  /// take hours.
  func testManyUsersAreNotComparedWithEachOther() throws {
    let database = try TestDatabase()
    try database.execute(
      """
      INSERT INTO cognito.users (
        user_pool_id, sub, observed_at, email, email_verified, phone_number, phone_number_verified, identities)
      SELECT 'p_1', gen_random_uuid(), now(), (i % 99000) || '@x.org', true, '+' || i % 99500, true,
        jsonb_build_array(jsonb_build_object('providerName', 'Google', 'userId', i % 99900))
      FROM generate_series(1, 100000) AS i
      """)
    let counts = "SELECT reason, count(*) FROM cognito.duplicates GROUP BY reason ORDER BY reason"
    let expected = [["email", "1000"], ["identity", "100"], ["phone_number", "500"]]
    XCTAssertEqual(try database.query(counts), expected)
    try database.execute("ANALYZE cognito.users")
    XCTAssertEqual(try database.query(counts), expected)
  }
}
