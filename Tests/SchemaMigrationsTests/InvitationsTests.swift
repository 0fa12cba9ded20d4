import Clock
import Foundation
import Postgres
import TestSupport
import XCTest

/// `cognito.invitations`: whom `cognito.decide_sign_up` lets in, as it is shipped, and what comes with it.
final class InvitationsTests: XCTestCase {
  private func database() throws -> TestDatabase {
    let database = try TestDatabase()
    try database.execute(
      "INSERT INTO cognito.roles (name) VALUES ('Admin'), ('editor'), ('member')")
    return database
  }

  private func invite(
    _ invitee: String, roles: String = "{}", validity: String? = "7 days", pool: String? = nil,
    _ database: TestDatabase
  ) throws -> String? {
    try database.value(
      "SELECT outcome FROM cognito.invite($1::text, $2::text[], $3::interval, $4::text)",
      [invitee, roles, validity, pool])
  }

  /// `allowed confirm reason`.
  private func decision(
    _ email: String?, pool: String = "p_1", _ database: TestDatabase
  ) throws -> String? {
    try database.value(
      """
      SELECT concat_ws(' ', allowed, confirm, reason) FROM cognito.decide_sign_up(
        $1::text, 'PreSignUp_SignUp', 'client', 'ada', $2::text, NULL, '{}', NULL, NULL)
      """, [pool, email])
  }

  private func sync(
    _ email: String?, verified: String? = "true", pool: String = "p_1",
    sub: String = UUID().uuidString.lowercased(), over connection: Connection? = nil,
    _ database: TestDatabase
  ) throws -> String {
    _ = try (connection ?? database.owner).query(
      """
      SELECT outcome FROM cognito.sync_user($1::text, $2::uuid, 'ada', $3::text, $4::boolean, NULL, NULL,
        'CONFIRMED', NULL, '{}', NULL, NULL, NULL, NULL, NULL, clock_timestamp(), NULL)
      """, [pool, sub, email, verified], until: .after(.seconds(30)))
    return sub
  }

  /// In one call, all with verified addresses.
  private func list(
    _ emails: [String], _ database: TestDatabase, dryRun: Bool = false
  ) throws -> [String] {
    let subs = emails.indices.map { "00000000-0000-4000-8000-00000000000\($0)" }
    try database.query(
      """
      SELECT outcome FROM cognito.sync_users('p_1', $1::uuid[], $2::text[], $2::text[],
        array_fill(true, ARRAY[$3::integer]), array_fill(NULL::text, ARRAY[$3::integer]),
        array_fill(NULL::boolean, ARRAY[$3::integer]), array_fill('CONFIRMED'::text, ARRAY[$3::integer]),
        array_fill(true, ARRAY[$3::integer]), array_fill('{}'::jsonb, ARRAY[$3::integer]),
        array_fill(NULL::jsonb, ARRAY[$3::integer]), array_fill(NULL::timestamptz, ARRAY[$3::integer]),
        clock_timestamp(), '15 minutes', $4::boolean, false)
      """,
      [
        "{\(subs.joined(separator: ","))}", "{\(emails.joined(separator: ","))}",
        "\(emails.count)", "\(dryRun)",
      ])
    return subs
  }

  private func roles(of sub: String, _ database: TestDatabase) throws -> [String?] {
    try database.query(
      "SELECT group_name FROM cognito.memberships WHERE sub = $1::uuid ORDER BY group_name COLLATE \"C\"",
      [sub]
    ).map { $0[0] }
  }

  func testWhoIsInvitedMaySignUp() throws {
    let database = try database()
    XCTAssertEqual(try decision("ada@example.com", database), "f f not invited")
    XCTAssertEqual(try decision(nil, database), "f f no address")
    XCTAssertEqual(try invite("Ada@example.com", database), "invited")
    XCTAssertEqual(try invite("example.org", validity: nil, database), "invited")
    XCTAssertEqual(try invite("bob@example.net", pool: "p_2", database), "invited")
    let rows: [(email: String, pool: String, isInvited: Bool)] = [
      ("ada@example.com", "p_1", true), ("ADA@EXAMPLE.COM", "p_2", true),
      ("ada+new@example.com", "p_1", false), ("bob@example.com", "p_1", false),
      ("ada@example.com ", "p_1", false), ("x@ada@example.com", "p_1", false),
      ("anybody@example.org", "p_1", true), ("anybody@Example.ORG", "p_1", true),
      ("anybody@mail.example.org", "p_1", false), ("anybody@example.org.evil.test", "p_1", false),
      (#""a@example.org"@evil.test"#, "p_1", false), (#""a@evil.test"@example.org"#, "p_1", true),
      ("example.org", "p_1", false), ("anybody@example.org@", "p_1", false),
      ("%@example.org%", "p_1", false),
      ("bob@example.net", "p_2", true), ("bob@example.net", "p_1", false),
      ("", "p_1", false),
    ]
    for row in rows {
      XCTAssertEqual(
        try decision(row.email, pool: row.pool, database),
        row.isInvited ? "t f invited" : "f f not invited", "\(row.email) \(row.pool)")
    }
  }

  func testAnExpiredInvitationIsNone() throws {
    let database = try database()
    for invitee in ["ada@example.com", "example.org"] {
      _ = try invite(invitee, roles: "{Admin}", database)
    }
    try database.execute("UPDATE cognito.invitations SET expires_at = now()")
    for email in ["ada@example.com", "anybody@example.org"] {
      XCTAssertEqual(try decision(email, database), "f f not invited")
      XCTAssertEqual(try roles(of: sync(email, database), database), [])
    }
    XCTAssertEqual(
      try database.value("SELECT count(*) FROM cognito.invitations WHERE used_at IS NULL"), "2")
  }

  func testTheRolesAreGivenWithTheRowAndTheInvitationIsUsedUp() throws {
    let database = try database()
    _ = try invite("Ada@example.com", roles: "{admin,EDITOR}", database)
    _ = try invite("example.com", roles: "{member,editor}", database)
    let ada = try sync("ada@EXAMPLE.com", database)
    XCTAssertEqual(try roles(of: ada, database), ["Admin", "editor", "member"])
    XCTAssertEqual(
      try database.query(
        """
        SELECT coalesce(i.email, i.email_domain), i.used_at IS NOT NULL, u.sub
        FROM cognito.invitations AS i LEFT JOIN cognito.users AS u ON u.id = i.used_by ORDER BY 1
        """), [["Ada@example.com", "t", ada], ["example.com", "f", nil]])
    // They are on their way to Cognito like any other.
    XCTAssertEqual(
      try database.value("SELECT count(*) FROM cognito.role_outbox"), "3")

    // Once: not at the next event, not to the next one with the address, not when taken away.
    try database.execute("DELETE FROM cognito.user_roles")
    _ = try sync("ada@example.com", sub: ada, database)
    XCTAssertEqual(try roles(of: ada, database), [])
    XCTAssertEqual(try decision("ada@example.com", database), "t f invited", "by the domain")
    XCTAssertEqual(
      try roles(of: sync("ada@example.com", database), database), ["editor", "member"])
    try database.execute("DELETE FROM cognito.invitations WHERE email IS NULL")
    XCTAssertEqual(try decision("ada@example.com", database), "f f not invited")
    XCTAssertEqual(try roles(of: sync("ada@example.com", database), database), [])
  }

  func testOnlyAVerifiedAddressGetsThemAndUsesItUp() throws {
    let database = try database()
    _ = try invite("ada@example.com", roles: "{Admin}", database)
    _ = try invite("example.com", roles: "{member}", database)
    for verified in ["false", nil] {
      let sub = try sync("ada@example.com", verified: verified, database)
      XCTAssertEqual(try roles(of: sub, database), [])
      // Not later either.
      _ = try sync("ada@example.com", sub: sub, database)
      XCTAssertEqual(try roles(of: sub, database), [])
    }
    XCTAssertEqual(try decision("ada@example.com", database), "t f invited", "as it was")
    XCTAssertEqual(
      try database.value("SELECT count(*) FROM cognito.invitations WHERE used_at IS NULL"), "2")
    XCTAssertEqual(try roles(of: sync(nil, database), database), [])
    XCTAssertEqual(
      try roles(of: sync("ada@example.com", database), database), ["Admin", "member"])
  }

  /// A sign-up that is never confirmed has no row.
  func testASignUpThatIsNotConfirmedUsesNothingUp() throws {
    let database = try database()
    _ = try invite("ada@example.com", database)
    for _ in 1...3 { XCTAssertEqual(try decision("ada@example.com", database), "t f invited") }
  }

  func testAListingGivesThemTooAndToOneOfSeveralWithTheAddress() throws {
    let database = try database()
    _ = try invite("ada@example.com", roles: "{Admin}", database)
    _ = try invite("example.com", roles: "{member}", database)
    let emails = ["ada@example.com", "ADA@example.com", "bob@example.com", "eve@example.net"]
    let subs = try list(emails, database, dryRun: true)
    XCTAssertEqual(
      try database.value("SELECT count(*) FROM cognito.invitations WHERE used_at IS NULL"), "2")
    _ = try list(emails, database)
    XCTAssertEqual(
      try subs.map { try roles(of: $0, database) },
      [["Admin", "member"], ["member"], ["member"], []])
    try database.execute("DELETE FROM cognito.user_roles")
    _ = try list(emails, database)
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.user_roles"), "0", "once")
  }

  /// Both have been let in before either has a row: one gets the roles, in whatever order they come.
  func testOfTwoSignUpsAtOnceOneGetsTheRoles() throws {
    let database = try database()
    _ = try invite("ada@example.com", roles: "{Admin}", database)
    let first = try database.connect()
    let soon = Deadline.after(.seconds(20))
    _ = try first.query("BEGIN", until: soon)
    let one = try sync("ada@example.com", over: first, database)
    try database.whenALockIsWaitedFor { _ = try? first.query("COMMIT", until: soon) }
    let other = try sync("ada@example.com", database)
    XCTAssertEqual(try roles(of: one, database), ["Admin"])
    XCTAssertEqual(try roles(of: other, database), [])
    XCTAssertEqual(
      try database.value(
        "SELECT u.sub FROM cognito.invitations AS i JOIN cognito.users AS u ON u.id = i.used_by"),
      one)
  }

  func testWhoIsInvitedAgainIsSoWithOtherRolesAndForLonger() throws {
    let database = try database()
    XCTAssertEqual(try invite("ada@example.com", roles: "{Admin}", database), "invited")
    XCTAssertEqual(
      try invite("ADA@example.com", roles: "{editor,editor}", validity: nil, database), "renewed")
    XCTAssertEqual(try invite("ada@example.com", pool: "p_1", database), "invited")
    XCTAssertEqual(try invite("example.com", database), "invited")
    XCTAssertEqual(try invite("Example.com", roles: "{member}", database), "renewed")
    XCTAssertEqual(
      try database.query(
        """
        SELECT coalesce(i.email, i.email_domain), i.user_pool_id, i.expires_at IS NULL, r.name
        FROM cognito.invitations AS i
        LEFT JOIN cognito.invitation_roles AS ir ON ir.invitation_id = i.id
        LEFT JOIN cognito.roles AS r ON r.id = ir.role_id
        ORDER BY 1, 2 NULLS FIRST
        """),
      [
        ["ada@example.com", nil, "t", "editor"], ["ada@example.com", "p_1", "f", nil],
        ["example.com", nil, "f", "member"],
      ])
    // Both hold for the same address in this pool, and both are used up.
    let ada = try sync("ada@example.com", database)
    XCTAssertEqual(try roles(of: ada, database), ["editor", "member"])
    XCTAssertEqual(
      try database.value("SELECT count(*) FROM cognito.invitations WHERE used_at IS NOT NULL"), "2")
    XCTAssertEqual(try invite("ada@example.com", database), "invited", "the other is used up")
    XCTAssertEqual(try decision("ada@example.com", database), "t f invited")
  }

  func testAnUnknownRoleInvitesNobody() throws {
    let database = try database()
    XCTAssertEqual(
      try database.query(
        "SELECT outcome, unknown_roles FROM cognito.invite('ada@example.com', '{owner,admin,x y}')"),
      [["unknown_roles", #"{owner,"x y"}"#]])
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.invitations"), "0")
  }

  func testWhoInvitedIsTheLoginUnlessItIsSaid() throws {
    let database = try database()
    _ = try database.query("SELECT cognito.invite('ada@example.com')")
    _ = try database.query("SELECT cognito.invite('bob@example.com', invited_by => 'the shop')")
    XCTAssertEqual(
      try database.query("SELECT invited_by FROM cognito.invitations ORDER BY email"),
      [[try database.value("SELECT session_user")], ["the shop"]])
  }

  func testTheTableTakesAnAddressOrADomainAndNothingElse() throws {
    let database = try database()
    for invitee in [
      "@example.com", "ada@", "a b@example.com", "ada@exam ple.com", "", "exam ple.com",
    ] {
      XCTAssertThrowsError(try invite(invitee, database), invitee)
    }
    for columns in ["(email, email_domain) VALUES ('a@b.test', 'b.test')", "DEFAULT VALUES"] {
      XCTAssertThrowsError(try database.execute("INSERT INTO cognito.invitations \(columns)"))
    }
    _ = try invite("ada@example.com", database)
    XCTAssertThrowsError(
      try database.execute("INSERT INTO cognito.invitations (email) VALUES ('ADA@example.com')"))
  }

  func testARoleThatIsDeletedComesWithNoInvitation() throws {
    let database = try database()
    _ = try invite("ada@example.com", roles: "{Admin,editor}", database)
    try database.execute("DELETE FROM cognito.roles WHERE name = 'admin'")
    XCTAssertEqual(try roles(of: sync("ada@example.com", database), database), ["editor"])
  }

  func testWhoIsForgottenLeavesNoInvitationBehind() throws {
    let database = try database()
    _ = try invite("ada@example.com", database)
    let ada = try sync("ada@example.com", database)
    _ = try invite("bob@example.com", database)
    try database.execute("UPDATE cognito.users SET deleted_at = now()")
    XCTAssertEqual(
      try database.query(
        "SELECT outcome FROM cognito.forget_users(ARRAY(SELECT id FROM cognito.users WHERE sub = $1::uuid))",
        [ada]), [["forgotten"]])
    XCTAssertFalse(try database.everything().contains("ada@example.com"))
    XCTAssertEqual(
      try database.query("SELECT email FROM cognito.invitations"), [["bob@example.com"]])
  }

  // MARK: A function of a team's own

  /// The one in the file's comment.
  func testTheExampleOfAnotherPolicy() throws {
    let database = try database()
    try database.execute(
      """
      CREATE SCHEMA app;
      CREATE TABLE app.customers (id integer, email_domain text);
      INSERT INTO app.customers VALUES (7, 'acme.test');
      """
        + WorkedExample.text(
          "CREATE OR REPLACE FUNCTION cognito.decide_sign_up(", in: "0010_sign_up.sql"))
    let rows: [(source: String, email: String, attributes: String, String)] = [
      ("PreSignUp_SignUp", "ada@ACME.test", "{}", "t customer 7"),
      ("PreSignUp_SignUp", "ada@other.test", "{}", ""),
      (
        "PreSignUp_ExternalProvider", "ada@acme.test", #"{"email_verified": "true"}"#,
        "t customer 7"
      ),
      (
        "PreSignUp_ExternalProvider", "ada@acme.test", #"{"email_verified": "false"}"#,
        "unverified address"
      ),
      ("PreSignUp_ExternalProvider", "ada@acme.test", "{}", "unverified address"),
    ]
    for (source, email, attributes, expected) in rows {
      XCTAssertEqual(
        try database.value(
          """
          SELECT concat_ws(' ', allowed, confirm, reason) FROM cognito.decide_sign_up(
            'p_1', $1::text, NULL, 'ada', $2::text, NULL, $3::jsonb, NULL, NULL)
          """, [source, email, attributes]), expected, "\(source) \(email) \(attributes)")
    }
  }
}
