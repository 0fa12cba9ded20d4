import CognitoAPI
import CognitoPush
import TestSupport
import XCTest

/// Whom the id is written to, and what ends it.
final class AttributePusherTests: XCTestCase {
  private func pusher(_ scene: ScriptedPool) -> AttributePusher {
    AttributePusher(
      connection: scene.database.owner, cognito: scene.client, attribute: "custom:userId")
  }

  func testWhoLacksItIsAskedForWhoeverAskedLast() throws {
    let scene = try ScriptedPool(Array(repeating: ScriptedPool.done, count: 3))
    try scene.addUsers(5)
    try scene.database.execute(
      """
      UPDATE cognito.users SET updated_at = '2026-01-01';
      UPDATE cognito.users SET deleted_at = now() WHERE username = 'u1';
      UPDATE cognito.users SET attributes = '{"custom:userId": "another''s"}' WHERE username = 'u2';
      UPDATE cognito.users SET attributes = jsonb_build_object('custom:userId', id) WHERE username = 'u3';
      UPDATE cognito.users SET username = NULL WHERE username = 'u4';
      """)
    let sub = try XCTUnwrap(
      scene.database.value("SELECT sub FROM cognito.users WHERE username IS NULL"))
    XCTAssertEqual(try pusher(scene).count(in: scene.pool), 3)
    XCTAssertEqual(try pusher(scene).push().set, 3)
    XCTAssertEqual(scene.askedFor.sorted(), [sub, "u2", "u5"].sorted())
    XCTAssertEqual(
      try scene.database.value(
        """
        SELECT count(*) FROM cognito.users
        WHERE attributes ->> 'custom:userId' = id::text AND updated_at > '2026-01-01'
        """), "3", "noted, with the time")
    XCTAssertEqual(try pusher(scene).push().set, 0)
  }

  func testOnePoolOrAll() throws {
    let scene = try ScriptedPool(Array(repeating: ScriptedPool.done, count: 3))
    try scene.addUsers(1)
    try scene.addUsers(2, to: "eu-central-1_Other")
    XCTAssertEqual(try pusher(scene).push(pool: scene.pool).set, 1)
    XCTAssertEqual(try pusher(scene).push().set, 2)
  }

  func testEveryPageIsReadAndNobodyTwice() throws {
    let scene = try ScriptedPool(Array(repeating: ScriptedPool.done, count: 450))
    try scene.addUsers(450)
    // What is set changes nothing of the order, nor of who comes next.
    XCTAssertEqual(try pusher(scene).push().set, 450)
    XCTAssertEqual(Set(scene.askedFor).count, 450)
  }

  func testWhoeverSaysStopIsHeardAfterEachUser() throws {
    let scene = try ScriptedPool(Array(repeating: ScriptedPool.done, count: 5))
    try scene.addUsers(5)
    var told = 0
    let summary = try pusher(scene).push(
      mayGoOn: { told < 2 },
      report: { summary, refusal in
        told += 1
        XCTAssertEqual(summary.set, told)
        XCTAssertNil(refusal)
      })
    XCTAssertEqual(summary.set, 2)
    XCTAssertEqual(scene.server.requests.count, 2)
  }

  func testTwentyRefusalsInARowAreThePools() throws {
    let refused = ScriptedPool.error("InvalidParameterException")
    let scene = try ScriptedPool(
      Array(repeating: refused, count: 19) + [ScriptedPool.done]
        + Array(repeating: refused, count: 20) + [ScriptedPool.done])
    try scene.addUsers(50)
    var told: [Bool] = []
    XCTAssertThrowsError(
      try pusher(scene).push(report: { told.append($1 != nil) })
    ) { XCTAssertEqual($0 as? PushError, .cognito(.invalidParameter(.updateAttributes))) }
    XCTAssertEqual(scene.server.requests.count, 40)
    XCTAssertEqual(
      told.map { $0 ? "-" : "+" }.joined(),
      String(repeating: "-", count: 19) + "+" + String(repeating: "-", count: 20))
  }

  func testWhatIsNotAboutOneUserEndsItAtOnce() throws {
    let errors: [(type: String, error: CognitoError)] = [
      ("ResourceNotFoundException", .resourceNotFound),
      ("AccessDeniedException", .accessDenied(.updateAttributes)),
      ("TooManyRequestsException", .throttled),
    ]
    for row in errors {
      let scene = try ScriptedPool([ScriptedPool.error(row.type), ScriptedPool.done])
      try scene.addUsers(2)
      XCTAssertThrowsError(try pusher(scene).push()) {
        XCTAssertEqual($0 as? PushError, .cognito(row.error))
      }
      XCTAssertEqual(scene.server.requests.count, 1, row.type)
    }
  }
}
