import Foundation
import TestSupport
import XCTest

/// `pooltable invite`, `invitations` and `revoke`, as somebody runs them who lets people in.
final class InvitationCommandTests: XCTestCase {
  private func pooltable(
    _ database: TestDatabase, _ arguments: String...
  ) throws -> CommandRun {
    try CommandRun.pooltable(arguments, environment: ["DATABASE_URL": database.ownerURL])
  }

  private func database() throws -> TestDatabase {
    let database = try TestDatabase()
    try database.execute("INSERT INTO cognito.roles (name) VALUES ('admin'), ('editor')")
    return database
  }

  private func object(_ run: CommandRun) throws -> [String: Any] {
    try XCTUnwrap(
      JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any], run.errors)
  }

  func testAnAddressIsInvitedShownAndRevoked() throws {
    let database = try database()
    let invited = try pooltable(
      database, "invite", "Ada@example.com", "--role", "editor", "--role", "admin", "--expires",
      "12h",
      "--by", "the shop")
    XCTAssertEqual(invited.exitCode, 0, invited.errors)
    XCTAssertNotNil(
      invited.output.wholeMatch(of: #/invited Ada@example.com until 20\d\d-[-0-9T:.]+Z\n/#),
      invited.output)
    XCTAssertEqual(
      try database.value(
        "SELECT expires_at - created_at = interval '12 hours' FROM cognito.invitations"), "t")

    let shown = try pooltable(database, "invitations")
    XCTAssertEqual(shown.exitCode, 0, shown.errors)
    XCTAssertNotNil(
      shown.output.wholeMatch(
        of:
          #/Ada@example.com: admin, editor; invited by the shop at 20[-0-9T:.]+Z; expires at 20[-0-9T:.]+Z\n/#
      ),
      shown.output)

    let revoked = try pooltable(database, "revoke", "ada@EXAMPLE.com")
    XCTAssertEqual(revoked.exitCode, 0, revoked.errors)
    XCTAssertEqual(revoked.output, "1 invitation revoked\n")
    XCTAssertEqual(try pooltable(database, "invitations").output, "no invitations\n")
    XCTAssertEqual(try pooltable(database, "invitations", "--json").output, "")
  }

  func testADomainMayBeInvitedForEverIntoOnePool() throws {
    let database = try database()
    for (word, domain) in [("invited", "Example.com."), ("renewed", "example.COM")] {
      let run = try pooltable(
        database, "invite", domain, "--expires", "never", "--user-pool-id", TestDatabase.pool,
        "--json")
      XCTAssertEqual(run.exitCode, 0, run.errors)
      let id = try XCTUnwrap(database.value("SELECT id FROM cognito.invitations"))
      XCTAssertEqual(
        run.output,
        #"{"id":"\#(id)","invitee":"example.com","outcome":"\#(word)","roles":[],"userPoolID":"eu-central-1_a"}"#
          + "\n")
    }
    XCTAssertEqual(
      try database.query("SELECT email_domain, expires_at, user_pool_id FROM cognito.invitations"),
      [["example.com", nil, TestDatabase.pool]])
    let login = try XCTUnwrap(database.value("SELECT session_user"))
    let shown = try pooltable(database, "invitations").output
    XCTAssertTrue(
      shown.hasPrefix("example.com (eu-central-1_a): no roles; invited by \(login) at 20"), shown)
    XCTAssertTrue(shown.hasSuffix("; never expires\n"), shown)
  }

  func testAWeekUnlessSaidOtherwise() throws {
    let database = try database()
    let run = try pooltable(database, "invite", "ada@example.com", "--json")
    XCTAssertEqual(run.exitCode, 0, run.errors)
    let answer = try object(run)
    XCTAssertEqual(
      Set(answer.keys), ["expiresAt", "id", "invitee", "outcome", "roles"])
    XCTAssertEqual(
      try database.value(
        "SELECT expires_at - created_at = interval '7 days' FROM cognito.invitations"), "t")
    XCTAssertTrue(
      try CommandRun.pooltable(["invite", "--help"]).output.contains("(default: 7d)"))
  }

  func testWhatIsUsedUpOrExpiredIsShownAndOnlyWhatIsNotUsedUpIsRevoked() throws {
    let database = try database()
    let user = try database.addUser("ada")
    try database.execute(
      """
      SELECT cognito.invite('ada@example.com', '{editor}', NULL, invited_by => 'bob');
      UPDATE cognito.invitations SET used_at = '2026-01-02T03:04:05Z', used_by = '\(user.id)',
        created_at = '2026-01-01T03:04:05Z';
      SELECT cognito.invite('old@example.com', invited_by => 'bob'), cognito.invite('new@example.com');
      UPDATE cognito.invitations SET expires_at = '2026-01-03T00:00:00Z', created_at = '2026-01-01T00:00:00Z'
      WHERE email::text = 'old@example.com'
      """)
    let old =
      "old@example.com: no roles; invited by bob at 2026-01-01T00:00:00.000000Z; expired at 2026-01-03T00:00:00.000000Z"
    let lines = try pooltable(database, "invitations").output.split(separator: "\n")
    XCTAssertEqual(lines.map { $0.prefix(4) }, ["new@", "old@"])
    XCTAssertEqual(lines.last.map(String.init), old)
    let all = try pooltable(database, "invitations", "--all", "--json").output.split(
      separator: "\n")
    XCTAssertEqual(all.count, 3)
    XCTAssertEqual(
      all.first.map(String.init),
      #"{"expired":false,"invitedAt":"2026-01-01T03:04:05.000000Z","invitedBy":"bob","invitee":"ada@example.com","#
        + #""roles":["editor"],"usedAt":"2026-01-02T03:04:05.000000Z","usedBy":"\#(user.id)"}"#)

    let run = try pooltable(database, "revoke", "ada@example.com", "new@example.com", "--json")
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertEqual(run.output, #"{"revoked":1,"unknown":["ada@example.com"]}"# + "\n")
    XCTAssertTrue(
      run.errors.contains("'ada@example.com' has no invitation that is not used up"), run.errors)
    XCTAssertEqual(try pooltable(database, "revoke", "--expired").output, "1 invitation revoked\n")
    XCTAssertEqual(try pooltable(database, "revoke", "--expired").output, "0 invitations revoked\n")
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.invitations"), "1")
  }

  func testOfOnePoolOnly() throws {
    let database = try database()
    let (one, other) = (TestDatabase.pool, "eu-central-1_b")
    for pool in [[], ["--user-pool-id", one], ["--user-pool-id", other]] {
      let run = try CommandRun.pooltable(
        ["invite", "ada@example.com"] + pool, environment: ["DATABASE_URL": database.ownerURL])
      XCTAssertEqual(run.exitCode, 0, run.errors)
    }
    let shown = try pooltable(database, "invitations", "--user-pool-id", one).output
    XCTAssertEqual(shown.split(separator: "\n").count, 2, shown)
    XCTAssertFalse(shown.contains(other), shown)
    XCTAssertEqual(
      try pooltable(database, "revoke", "ada@example.com", "--user-pool-id", one).output,
      "1 invitation revoked\n")
    XCTAssertEqual(
      try pooltable(database, "revoke", "ada@example.com").output, "2 invitations revoked\n")
  }

  func testAnUnknownRoleInvitesNobody() throws {
    let database = try database()
    let run = try pooltable(
      database, "invite", "ada@example.com", "--role", "owner", "--role", "Admin")
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertEqual(run.output, "")
    XCTAssertTrue(run.errors.contains("there is no role 'owner'"), run.errors)
    XCTAssertFalse(run.errors.contains("Admin"), run.errors)
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.invitations"), "0")
  }

  func testAWrongCommandLineIsToldBeforeAnythingIsDone() throws {
    let database = try database()
    let cases: [([String], String)] = [
      (["invite"], "address|domain"), (["invite", "ada@"], "ada@"),
      (["invite", "@example.com"], "@example.com"),
      (["invite", "*.example.com"], "*.example.com"), (["invite", "ada@exam ple.com"], "exam ple"),
      (["invite", "a b@example.com"], "a b@"), (["invite", "ada@example.com."], "example.com."),
      (["invite", "ada@example.com", "--expires", "0d"], "0d"),
      (["invite", "ada@example.com", "--expires", "soon"], "soon"),
      (["invite", "ada@example.com", "--expires", "36501d"], "36501d"),
      (["invite", "ada@example.com", "--by", ""], "--by"),
      (["invite", "ada@example.com", "--user-pool-id", "pool"], "eu-central-1_"),
      (["revoke"], "--expired"), (["revoke", "ada@example.com", "--expired"], "--expired"),
    ]
    for (arguments, text) in cases {
      let run = try CommandRun.pooltable(
        arguments, environment: ["DATABASE_URL": database.ownerURL])
      XCTAssertEqual(run.exitCode, 64, "\(arguments): \(run.errors)")
      XCTAssertTrue(run.errors.contains(text), run.errors)
    }
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.invitations"), "0")
  }

  func testTheFunctionsLoginMayInviteNobody() throws {
    let database = try database()
    for arguments in [["invite", "ada@example.com"], ["invitations"], ["revoke", "--expired"]] {
      let run = try CommandRun.pooltable(
        arguments, environment: ["DATABASE_URL": database.handlerURL])
      XCTAssertEqual(run.exitCode, 1)
      XCTAssertTrue(run.errors.contains("the login that owns the schema"), run.errors)
    }
  }
}
