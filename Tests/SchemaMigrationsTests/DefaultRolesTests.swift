import Clock
import Foundation
import Postgres
import TestSupport
import XCTest

/// `cognito.default_roles`: what a user is given when it is inserted, however that comes about.
final class DefaultRolesTests: XCTestCase {
  private struct Person {
    var pool = "p_1"
    var email: String? = "ada@example.com"
    var isVerified: String? = "true"
    var identities: String?
  }

  private func sync(
    _ person: Person, sub: String = UUID().uuidString, _ database: TestDatabase
  ) throws -> String? {
    try database.value(
      """
      SELECT outcome FROM cognito.sync_user($1::text, $2::uuid, 'ada', $3::text, $4::boolean, NULL, NULL,
        'CONFIRMED', NULL, '{}', $5::jsonb, NULL, NULL, NULL, NULL, clock_timestamp(), NULL)
      """, [person.pool, sub, person.email, person.isVerified, person.identities])
  }

  private func list(
    _ person: Person, sub: String, _ database: TestDatabase, dryRun: Bool = false
  ) throws -> String? {
    try database.value(
      """
      SELECT outcome FROM cognito.sync_users($1::text, ARRAY[$2::uuid], ARRAY['ada'], ARRAY[$3::text],
        ARRAY[$4::boolean], ARRAY[NULL], ARRAY[NULL::boolean], ARRAY['CONFIRMED'], ARRAY[true], ARRAY['{}'::jsonb],
        ARRAY[$5::jsonb], ARRAY[NULL::timestamptz], clock_timestamp(), '15 minutes', $6::boolean, false)
      """, [person.pool, sub, person.email, person.isVerified, person.identities, "\(dryRun)"])
  }

  private func roles(of sub: String, _ database: TestDatabase) throws -> [String?] {
    try database.query(
      "SELECT group_name FROM cognito.memberships WHERE sub = $1::uuid ORDER BY group_name", [sub]
    ).map { $0[0] }
  }

  private func database() throws -> TestDatabase {
    let database = try TestDatabase()
    try database.execute(
      """
      INSERT INTO cognito.roles (name) VALUES ('member'), ('employee'), ('google'), ('second'), ('unused');
      INSERT INTO cognito.default_roles (role_id) SELECT id FROM cognito.roles WHERE name = 'member';
      INSERT INTO cognito.default_roles (role_id, email_domain)
        SELECT id, 'Example.com' FROM cognito.roles WHERE name = 'employee';
      INSERT INTO cognito.default_roles (role_id, email_domain)
        SELECT id, 'example.org' FROM cognito.roles WHERE name = 'employee';
      INSERT INTO cognito.default_roles (role_id, provider)
        SELECT id, 'Google' FROM cognito.roles WHERE name = 'google';
      INSERT INTO cognito.default_roles (role_id, user_pool_id, email_domain, provider)
        SELECT id, 'p_2', 'example.com', 'Google' FROM cognito.roles WHERE name = 'second';
      """)
    return database
  }

  func testARoleIsGivenWhereAllThatItAsksForIsSo() throws {
    let database = try database()
    let google =
      #"[{"userId": "1", "providerName": "Google"}, {"userId": "2", "providerName": "Acme"}]"#
    let rows: [(Person, [String])] = [
      (Person(), ["employee", "member"]),
      (Person(email: "ada@EXAMPLE.com"), ["employee", "member"]),
      (Person(email: "ada@example.org"), ["employee", "member"]),
      (Person(isVerified: "false"), ["member"]), (Person(isVerified: nil), ["member"]),
      (Person(email: nil), ["member"]), (Person(email: "ada@mail.example.com"), ["member"]),
      (Person(email: "ada@example.com.evil.test"), ["member"]),
      (Person(email: #""a@example.com"@evil.test"#), ["member"]),
      (Person(email: #""a@evil.test"@example.com"#), ["employee", "member"]),
      (Person(email: "example.com"), ["member"]), (Person(email: "ada@"), ["member"]),
      (Person(identities: google), ["employee", "google", "member"]),
      (
        Person(identities: #"[{"userId": "1", "providerName": "google"}]"#), ["employee", "member"]
      ),
      (Person(identities: #"{"providerName": "Google"}"#), ["employee", "member"]),
      (Person(pool: "p_2", identities: google), ["employee", "google", "member", "second"]),
      (Person(pool: "p_2", isVerified: "false", identities: google), ["google", "member"]),
    ]
    for (person, expected) in rows {
      let (one, listed) = (UUID().uuidString, UUID().uuidString)
      XCTAssertEqual(try sync(person, sub: one, database), "inserted")
      XCTAssertEqual(try roles(of: one, database), expected, "\(person)")
      XCTAssertEqual(try list(person, sub: listed, database, dryRun: true), "inserted")
      XCTAssertEqual(try roles(of: listed, database), [])
      XCTAssertEqual(try list(person, sub: listed, database), "inserted")
      XCTAssertEqual(try roles(of: listed, database), expected, "\(person)")
    }
    // They are on their way to Cognito like any other.
    XCTAssertEqual(
      try database.value("SELECT count(*) FROM cognito.role_outbox"),
      try database.value("SELECT count(*) FROM cognito.user_roles"))
  }

  /// Once: what is taken away stays away, and who becomes somebody else later gets nothing.
  func testTheyAreGivenOnce() throws {
    let database = try database()
    let sub = UUID().uuidString
    XCTAssertEqual(try sync(Person(isVerified: "false"), sub: sub, database), "inserted")
    XCTAssertEqual(try sync(Person(), sub: sub, database), "updated")
    XCTAssertEqual(try roles(of: sub, database), ["member"])
    try database.execute("DELETE FROM cognito.user_roles")
    XCTAssertEqual(try sync(Person(), sub: sub, database), "unchanged")
    XCTAssertEqual(
      try sync(Person(email: "ada@example.org"), sub: sub, database), "updated")
    _ = try list(Person(), sub: sub, database)
    XCTAssertEqual(try roles(of: sub, database), [])
  }

  func testARoleThatIsDeletedIsGivenToNobody() throws {
    let database = try database()
    try database.execute("DELETE FROM cognito.roles WHERE name <> 'member'")
    let sub = UUID().uuidString
    XCTAssertEqual(try sync(Person(), sub: sub, database), "inserted")
    XCTAssertEqual(try roles(of: sub, database), ["member"])
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.default_roles"), "1")
  }

  /// Deleting a role waits for whoever is just being given it, and takes it away again.
  func testARoleThatIsBeingDeletedBreaksNoSignUp() throws {
    let database = try database()
    let rival = try database.connect()
    let soon = Deadline.after(.seconds(20))
    for statement in ["BEGIN", "DELETE FROM cognito.roles WHERE name = 'member'"] {
      _ = try rival.query(statement, until: soon)
    }
    let sub = UUID().uuidString
    try database.whenALockIsWaitedFor { _ = try? rival.query("COMMIT", until: soon) }
    XCTAssertEqual(try sync(Person(), sub: sub, database), "inserted")
    XCTAssertEqual(try roles(of: sub, database), ["employee"])
  }

  func testTheTableTakesOneRowOfAKindAndNoAddress() throws {
    let database = try database()
    let role = "SELECT id FROM cognito.roles WHERE name = 'member'"
    XCTAssertThrowsError(
      try database.execute("INSERT INTO cognito.default_roles (role_id) \(role)"))
    for domain in ["a@example.com", "@example.com", "", "a b", "example.com\n"] {
      XCTAssertThrowsError(
        try database.query(
          "INSERT INTO cognito.default_roles (role_id, email_domain) SELECT id, $1 FROM cognito.roles",
          [domain]),
        domain)
    }
  }
}
