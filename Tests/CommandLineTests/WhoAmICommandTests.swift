import Foundation
import TestSupport
import XCTest

/// `pooltable whoami`: whose row a token's is.
final class WhoAmICommandTests: XCTestCase {
  private func whoami(
    _ files: TokenFiles, _ database: TestDatabase, _ arguments: String..., token: Int = 0
  ) throws -> CommandRun {
    let run = try CommandRun.pooltable(
      ["whoami", "--any-client"] + files.arguments + arguments,
      environment: ["DATABASE_URL": database.ownerURL], input: files.tokens[token])
    XCTAssertFalse((run.output + run.errors).contains(files.tokens[token].suffix(40)))
    return run
  }

  private func claims(_ sub: String) -> String { TestToken.claims(["sub": "\"\(sub)\""]) }

  func testAUserWhoMayAct() throws {
    let database = try TestDatabase()
    let ada = try database.addUser("ada", pool: TestToken.pool)
    try database.query("INSERT INTO cognito.roles (name) VALUES ('zoo')")
    try database.query(
      "INSERT INTO cognito.user_roles SELECT $1::uuid, id FROM cognito.roles WHERE name = 'zoo'",
      [ada.id])
    // The same sub in another pool is somebody else.
    try database.query(
      """
      INSERT INTO cognito.users (user_pool_id, sub, enabled, observed_at)
      VALUES ('eu-central-1_other', $1::uuid, false, now())
      """, [ada.sub])
    let files = try TokenFiles(claims(ada.sub))
    let before = try database.everything()
    let run = try whoami(files, database)
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertEqual(run.errors, "")
    XCTAssertEqual(
      run.output,
      """
      user pool        \(TestToken.pool)
      sub              \(ada.sub)
      row              \(ada.id)
      state            enabled
      roles            ada, zoo
      groups in token  readers, staff

      """)
    let json = try whoami(files, database, "--json")
    XCTAssertEqual(json.exitCode, 0, json.errors)
    XCTAssertEqual(
      json.output,
      #"{"claims":\#(claims(ada.sub)),"user":{"deleted":false,"enabled":true,"groups":["readers","staff"],"live":true,"#
        + #""roles":["ada","zoo"],"row":"\#(ada.id)","sub":"\#(ada.sub)","userPoolID":"\#(TestToken.pool)"},"#
        + #""valid":true}"# + "\n")
    XCTAssertEqual(try database.everything(), before)
  }

  func testWhoMayNotActIsToldWithTheReason() throws {
    let database = try TestDatabase()
    let ada = try database.addUser("ada", pool: TestToken.pool)
    let bob = try database.addUser("bob", pool: TestToken.pool)
    let files = try TokenFiles(claims(ada.sub))
    let rows: [(change: String, state: String, problem: String)] = [
      ("enabled = false", "disabled", "the user is disabled"),
      ("enabled = false, deleted_at = now()", "deleted", "the user is marked as deleted"),
      ("forgotten_at = now()", "deleted", "the user was deleted, and forgotten"),
      ("merged_into = '\(bob.id)'", "deleted", "the user was merged into another: \(bob.id)"),
    ]
    for row in rows {
      try database.query("UPDATE cognito.users SET \(row.change) WHERE id = $1::uuid", [ada.id])
      let run = try whoami(files, database)
      XCTAssertEqual(run.exitCode, 1, row.problem)
      XCTAssertEqual(run.errors, "\(row.problem)\n")
      XCTAssertTrue(run.output.contains("\nstate            \(row.state)\n"), run.output)
      XCTAssertTrue(run.output.contains("\nrow              \(ada.id)\n"), run.output)
      let json = try whoami(files, database, "--json").output
      XCTAssertTrue(json.contains(#""live":false"#), json)
      XCTAssertTrue(json.contains(#""problem":"\#(row.problem)""#), json)
      XCTAssertTrue(json.contains(#""valid":true"#), json)
    }
  }

  func testWithoutARow() throws {
    let database = try TestDatabase()
    let files = try TokenFiles(
      TestToken.claims(), TestToken.claims(["sub": #""1example23456789""#]),
      TestToken.claims(["exp": "1"]))
    let unknown = try whoami(files, database)
    XCTAssertEqual(unknown.exitCode, 1)
    XCTAssertEqual(
      unknown.errors,
      "the user has no row: no event has brought one yet ('pooltable reconcile' does)\n")
    XCTAssertTrue(unknown.output.contains("\nstate            no row\n"), unknown.output)
    let machine = try whoami(files, database, token: 1)
    XCTAssertEqual(machine.exitCode, 1)
    XCTAssertEqual(machine.errors, "the token is an app client's own: it has no user\n")
    let expired = try whoami(files, database, "--json", token: 2)
    XCTAssertEqual(expired.exitCode, 1)
    XCTAssertTrue(expired.output.contains(#""reason":"expired","valid":false"#), expired.output)
    XCTAssertFalse(expired.output.contains("claims"), expired.output)
  }

  func testWithoutTheDatabaseNothingIsKnown() throws {
    let database = try TestDatabase()
    let files = try TokenFiles(TestToken.claims())
    let port = try TCPRelay.unusedPort()
    let rows = [
      ("postgresql://a@127.0.0.1:\(port)/x", "Connection refused"), ("", "--database-url"),
      (database.handlerURL, "the login that owns the schema"),
    ]
    for (url, text) in rows {
      let run = try CommandRun.pooltable(
        ["whoami", "--any-client"] + files.arguments, environment: ["DATABASE_URL": url],
        input: files.tokens[0])
      XCTAssertEqual(run.exitCode, 3, text)
      XCTAssertTrue(run.errors.contains(text), run.errors)
    }
  }
}
