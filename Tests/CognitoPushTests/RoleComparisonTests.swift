import CognitoAPI
import CognitoPush
import TestSupport
import XCTest

/// Whose groups are compared, and what is counted of them.
final class RoleComparisonTests: XCTestCase {
  private func comparison(_ scene: ScriptedPool) -> RoleComparison {
    RoleComparison(connection: scene.database.owner, cognito: scene.client, pool: scene.pool)
  }

  private static func groups(_ names: String...) -> ScriptedServer.Step {
    let list = names.map { #"{"GroupName":"\#($0)"}"# }.joined(separator: ",")
    return .answer(200, body: Array(#"{"Groups":[\#(list)]}"#.utf8))
  }

  func testThePoolsUsersWhoAreNotDeletedAreCompared() throws {
    let scene = try ScriptedPool(Array(repeating: Self.groups(), count: 5))
    try scene.addUsers(3)
    try scene.addUsers(1, to: "eu-central-1_Other")
    try scene.database.execute(
      """
      UPDATE cognito.users SET deleted_at = now() WHERE username = 'u2';
      UPDATE cognito.users SET username = NULL WHERE username = 'u3';
      """)
    let sub = try XCTUnwrap(
      scene.database.value("SELECT sub FROM cognito.users WHERE username IS NULL"))
    XCTAssertEqual(try comparison(scene).compare(repairs: true).users, 2)
    XCTAssertEqual(scene.askedFor.sorted(), [sub, "u1"].sorted())
  }

  func testEveryPageIsReadAndNobodyTwice() throws {
    let scene = try ScriptedPool(Array(repeating: Self.groups(), count: 450))
    try scene.addUsers(450)
    XCTAssertEqual(try comparison(scene).compare(repairs: false).users, 450)
    XCTAssertEqual(Set(scene.askedFor).count, 450)
  }

  func testWhoeverSaysStopIsHeardAfterEachUser() throws {
    let scene = try ScriptedPool(Array(repeating: Self.groups(), count: 3))
    try scene.addUsers(3)
    var told = 0
    let summary = try comparison(scene).compare(
      repairs: false, mayGoOn: { told < 2 }, report: { _, _ in told += 1 })
    XCTAssertEqual(summary.users, 2)
    XCTAssertEqual(scene.server.requests.count, 2)
  }

  func testWhatDiffersIsCountedAndOnlyWhereWishedEntered() throws {
    for repairs in [false, true] {
      let scene = try ScriptedPool([
        Self.groups("admin", "beta"), ScriptedPool.error("UserNotFoundException"),
      ])
      try scene.addUsers(1)
      try scene.database.execute(
        """
        INSERT INTO cognito.roles (name) VALUES ('admin'), ('editor'), ('guest');
        INSERT INTO cognito.user_roles
        SELECT u.id, r.id FROM cognito.users u, cognito.roles r WHERE r.name <> 'admin';
        DELETE FROM cognito.role_outbox;
        """)
      let found = try comparison(scene).compare(repairs: repairs)
      XCTAssertEqual(
        [found.users, found.differing, found.missing, found.surplus, found.unknown],
        [1, 1, 2, 1, 0])
      XCTAssertEqual(
        try scene.database.value(
          "SELECT string_agg(group_name, ' ' ORDER BY group_name) FROM cognito.role_outbox"),
        repairs ? "admin editor guest" : nil)
      let second = try comparison(scene).compare(repairs: repairs)
      XCTAssertEqual([second.users, second.differing, second.unknown], [1, 0, 1])
    }
  }
}
