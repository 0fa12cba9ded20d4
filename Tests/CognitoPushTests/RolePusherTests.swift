import Clock
import CognitoAPI
import Foundation
import Settings
import TestSupport
import XCTest

@testable import CognitoPush

/// The drain, against moto and a real database.
final class RolePusherTests: XCTestCase {
  private func pusher(
    _ scene: RoleScene, createsGroups: Bool = true, client: CognitoClient? = nil
  ) throws -> RolePusher {
    RolePusher(
      outbox: RoleOutbox(connection: scene.database.owner),
      cognito: try client ?? scene.client(), createsGroups: createsGroups,
      callTimeout: .seconds(5))
  }

  /// Lets what waits for its next attempt be tried at once.
  private func makeDue(_ scene: RoleScene) throws {
    try scene.database.execute("UPDATE cognito.role_outbox SET next_attempt_at = now()")
  }

  private func errors(_ scene: RoleScene) throws -> [String] {
    try scene.database.query(
      "SELECT last_error FROM cognito.role_outbox WHERE failed_at IS NOT NULL ORDER BY id"
    ).compactMap { $0[0] }
  }

  func testRolesBecomeGroupsAndFollowEveryChange() throws {
    let scene = try RoleScene(users: ["ada", "bob"])
    try scene.addRole("admin")
    try scene.addRole("editor")
    try scene.give("admin", to: "ada")
    try scene.give("editor", to: "ada")
    try scene.give("editor", to: "bob")
    let pusher = try pusher(scene)
    let first = try pusher.drainWithinBounds()
    XCTAssertEqual(first.users, 2)
    XCTAssertEqual(first.added, 3)
    XCTAssertEqual(first.createdGroups, 2)
    XCTAssertEqual(try scene.groups(), ["ada": ["admin", "editor"], "bob": ["editor"]])
    XCTAssertEqual(try pusher.drainWithinBounds(), PushSummary())

    try scene.database.execute("UPDATE cognito.roles SET name = 'author' WHERE name = 'editor'")
    try scene.take("admin", from: "ada")
    _ = try pusher.drainWithinBounds()
    XCTAssertEqual(try scene.groups(), ["ada": ["author"], "bob": ["author"]])

    try scene.database.execute("DELETE FROM cognito.roles WHERE name = 'author'")
    let last = try pusher.drainWithinBounds()
    XCTAssertEqual(last.removed, 2)
    XCTAssertEqual(try scene.groups(), ["ada": [], "bob": []])
    XCTAssertEqual(try scene.waiting, 0)
  }

  func testGroupsThatNoRoleNamesAreLeftAlone() throws {
    let scene = try RoleScene(users: ["ada"])
    try scene.moto.createGroup("beta", in: scene.pool)
    try scene.moto.addUser("ada", toGroup: "beta", in: scene.pool)
    try scene.addRole("admin")
    try scene.give("admin", to: "ada")
    _ = try pusher(scene).drainWithinBounds()
    XCTAssertEqual(try scene.groups(), ["ada": ["beta", "admin"]])
    try scene.take("admin", from: "ada")
    _ = try pusher(scene).drainWithinBounds()
    XCTAssertEqual(try scene.groups(), ["ada": ["beta"]])
  }

  func testAMissingGroupIsKeptUntilItMayBeMade() throws {
    let scene = try RoleScene(users: ["ada"])
    try scene.addRole("admin")
    try scene.give("admin", to: "ada")
    let summary = try pusher(scene, createsGroups: false).drainWithinBounds()
    XCTAssertEqual(summary.keptBack, 1)
    XCTAssertEqual(try scene.groups(), ["ada": []])
    XCTAssertTrue(try errors(scene).first?.contains("does not exist") == true)
    XCTAssertEqual(
      try pusher(scene, createsGroups: false).drainWithinBounds(), PushSummary(),
      "what is kept is not tried by itself")

    let again = try RoleOutbox(connection: scene.database.owner).retryKeptBack(
      until: .after(.seconds(10)))
    XCTAssertEqual(again, 1)
    XCTAssertEqual(try pusher(scene, createsGroups: false).drainWithinBounds().keptBack, 1)
    _ = try pusher(scene).drainWithinBounds()
    XCTAssertEqual(try scene.groups(), ["ada": ["admin"]])
    XCTAssertEqual(try scene.waiting, 0)
  }

  func testNothingIsRemovedWhileAnAdditionOfTheSameUserFails() throws {
    let scene = try RoleScene(users: ["ada", "bob"])
    for role in ["editor", "guest"] {
      try scene.addRole(role)
      try scene.give(role, to: "ada")
    }
    try scene.give("guest", to: "bob")
    _ = try pusher(scene).drainWithinBounds()
    try scene.database.execute("UPDATE cognito.roles SET name = 'author' WHERE name = 'editor'")
    XCTAssertEqual(try pusher(scene, createsGroups: false).drainWithinBounds().removed, 0)
    // Also what is taken away later waits, for this user and for no other.
    try scene.take("guest", from: "ada")
    try scene.take("guest", from: "bob")
    XCTAssertEqual(try pusher(scene, createsGroups: false).drainWithinBounds().removed, 1)
    XCTAssertEqual(try scene.groups(), ["ada": ["editor", "guest"], "bob": []])
    XCTAssertEqual(
      try scene.database.query("SELECT failure FROM cognito.role_outbox ORDER BY failure").map {
        $0[0]
      },
      ["addition_failed", "addition_failed", "missing_group"])
    // The group is there, by somebody's hand.
    try scene.moto.createGroup("author", in: scene.pool)
    _ = try RoleOutbox(connection: scene.database.owner).retryKeptBack(until: .after(.seconds(10)))
    _ = try pusher(scene, createsGroups: false).drainWithinBounds()
    XCTAssertEqual(try scene.groups(), ["ada": ["author"], "bob": []])
    XCTAssertEqual(try scene.waiting, 0)
  }

  /// The addition that had failed is made by the very push that the removal comes with.
  func testNothingStaysHeldOnceTheAdditionIsMade() throws {
    let scene = try RoleScene(users: ["ada"])
    try scene.addRole("guest")
    try scene.give("guest", to: "ada")
    _ = try pusher(scene).drainWithinBounds()
    try scene.addRole("author")
    try scene.give("author", to: "ada")
    XCTAssertEqual(try pusher(scene, createsGroups: false).drainWithinBounds().keptBack, 1)
    try scene.moto.createGroup("author", in: scene.pool)
    try scene.take("author", from: "ada")
    try scene.give("author", to: "ada")
    try scene.take("guest", from: "ada")
    _ = try pusher(scene, createsGroups: false).drainWithinBounds()
    XCTAssertEqual(try scene.groups(), ["ada": ["author"]])
    XCTAssertEqual(try scene.waiting, 0)
  }

  func testARowThatAnotherWorkerHasIsNotWaitedFor() throws {
    let scene = try RoleScene(users: ["ada", "bob"])
    try scene.addRole("admin")
    try scene.give("admin", to: "ada")
    try scene.give("admin", to: "bob")
    XCTAssertEqual(try pusher(scene, createsGroups: false).drainWithinBounds().keptBack, 2)
    let worker = try scene.database.connect()
    try worker.execute(script: "BEGIN", until: .after(.seconds(10)))
    _ = try worker.query(
      "SELECT FROM cognito.role_outbox WHERE username = 'ada' FOR UPDATE",
      until: .after(.seconds(10)))
    XCTAssertEqual(try pusher(scene).drainWithinBounds().added, 1)
    XCTAssertEqual(try scene.groups(), ["ada": [], "bob": ["admin"]])
  }

  func testARemovalWaitsForAnAdditionThatIsPostponed() throws {
    let scene = try RoleScene(users: ["ada"])
    try scene.addRole("editor")
    try scene.give("editor", to: "ada")
    _ = try pusher(scene).drainWithinBounds()
    try scene.database.execute("UPDATE cognito.roles SET name = 'author' WHERE name = 'editor'")
    let failing = try refusingServer(#"{"__type":"InternalErrorException"}"#, status: 500)
    let summary = try pusher(scene, client: failing.client).drainWithinBounds()
    XCTAssertEqual([summary.removed, summary.postponed], [0, 2])
    XCTAssertEqual(failing.server.requests.count, 1, "the removal is not asked for")
    try makeDue(scene)
    _ = try pusher(scene).drainWithinBounds()
    XCTAssertEqual(try scene.groups(), ["ada": ["author"]])
  }

  func testAnAnswerThatIsNotCognitosStopsTheDrainAndKeepsNothing() throws {
    let scene = try RoleScene(users: ["ada"])
    try scene.addRole("admin")
    try scene.give("admin", to: "ada")
    for (status, body) in [(403, "<html>Forbidden</html>"), (404, ""), (400, "{}")] {
      let proxy = try refusingServer(body, status: status)
      XCTAssertThrowsError(try pusher(scene, client: proxy.client).drainWithinBounds(), body) {
        error in
        XCTAssertEqual(error as? PushError, .cognito(.other(type: nil, status: status)))
        XCTAssertTrue("\(error)".contains("is not Cognito's"), "\(error)")
      }
    }
    XCTAssertEqual(
      try scene.database.query("SELECT attempts, failed_at FROM cognito.role_outbox"),
      [["0", nil]])
  }

  func testCognitosReasonIsKeptWithoutTheValue() throws {
    let scene = try RoleScene(users: ["ada"])
    try scene.addRole("admin")
    try scene.give("admin", to: "ada")
    let message =
      "1 validation error detected: Value 'canary' at 'groupName' failed to satisfy constraint: "
      + "Member must have length less than or equal to 128"
    let refusing = try refusingServer(
      #"{"__type":"InvalidParameterException","message":"\#(message)"}"#)
    _ = try pusher(scene, client: refusing.client).drainWithinBounds()
    XCTAssertEqual(
      try errors(scene),
      [
        "Cognito refuses a value given to AdminAddUserToGroup: groupName: Member must have length less than or "
          + "equal to 128"
      ])
  }

  func testAUserThatCognitoHasNotIsKeptAndHoldsNobodyUp() throws {
    let scene = try RoleScene(users: ["ada", "bob"])
    try scene.addRole("admin")
    try scene.give("admin", to: "ada")
    try scene.give("admin", to: "bob")
    try scene.moto.deleteUser("ada", in: scene.pool)
    let summary = try pusher(scene).drainWithinBounds()
    XCTAssertEqual(summary.keptBack, 1)
    XCTAssertEqual(try scene.moto.groups(of: "bob", in: scene.pool), ["admin"])
    XCTAssertEqual(try errors(scene), [CognitoError.userNotFound.description])
    // Taking the role away again is done without Cognito, and with it the failure.
    try scene.take("admin", from: "ada")
    _ = try pusher(scene).drainWithinBounds()
    XCTAssertEqual(try scene.waiting, 0)
  }

  func testAMissingPoolIsNoEmptyGroup() throws {
    let scene = try RoleScene(users: ["ada"])
    try scene.addRole("admin")
    try scene.give("admin", to: "ada")
    try scene.database.execute("UPDATE cognito.users SET user_pool_id = 'eu-central-1_missing'")
    try scene.database.execute("DELETE FROM cognito.role_outbox")
    try scene.take("admin", from: "ada")
    let summary = try pusher(scene).drainWithinBounds()
    XCTAssertEqual(summary.removed, 0)
    XCTAssertEqual(try errors(scene), [CognitoError.resourceNotFound.description])
  }

  func testARoleThatCanBeNoGroupIsKept() throws {
    let scene = try RoleScene(users: ["ada"])
    try scene.addRole("admin")
    try scene.give("admin", to: "ada")
    let refusing = try refusingServer(#"{"__type":"InvalidParameterException","message":"x"}"#)
    _ = try pusher(scene, client: refusing.client).drainWithinBounds()
    XCTAssertEqual(
      try errors(scene), [CognitoError.invalidParameter(.addUserToGroup).description])
  }

  func testARefusedCallerCountsAgainstNobody() throws {
    let scene = try RoleScene(users: ["ada"])
    try scene.addRole("admin")
    try scene.give("admin", to: "ada")
    let refusing = try refusingServer(#"{"__type":"AccessDeniedException","Message":"x"}"#)
    XCTAssertThrowsError(try pusher(scene, client: refusing.client).drainWithinBounds()) { error in
      XCTAssertEqual(
        error as? PushError,
        .refused(
          [RefusedPool(pool: scene.pool, error: .accessDenied(.addUserToGroup))],
          done: PushSummary()))
    }
    XCTAssertEqual(
      try scene.database.query("SELECT attempts, failed_at FROM cognito.role_outbox"),
      [["0", nil]])
    _ = try pusher(scene).drainWithinBounds()
    XCTAssertEqual(try scene.groups(), ["ada": ["admin"]])
  }

  func testThreeUsersWithoutAnAnswerEndTheDrainAndAreTriedLater() throws {
    let scene = try RoleScene(users: ["a", "b", "c", "d"])
    try scene.addRole("admin")
    for user in ["a", "b", "c", "d"] { try scene.give("admin", to: user) }
    let failing = try refusingServer(#"{"__type":"InternalErrorException"}"#, status: 500)
    XCTAssertThrowsError(try pusher(scene, client: failing.client).drainWithinBounds()) { error in
      XCTAssertEqual(error as? PushError, .cognito(.internalError(status: 500)))
    }
    XCTAssertEqual(
      try scene.database.query(
        "SELECT username, attempts, next_attempt_at > now() FROM cognito.role_outbox ORDER BY id"
      ).map { $0[1] }, ["1", "1", "1", "0"])
    try makeDue(scene)
    _ = try pusher(scene).drainWithinBounds()
    XCTAssertEqual(
      try scene.groups(), ["a": ["admin"], "b": ["admin"], "c": ["admin"], "d": ["admin"]])
  }

  func testAnAttributeIsSetWhereItIsLackingAndOnce() throws {
    let scene = try RoleScene(users: ["ada", "bob", "eve"])
    try scene.moto.deleteUser("eve", in: scene.pool)
    let pusher = AttributePusher(
      connection: scene.database.owner, cognito: try scene.client(), attribute: "custom:userId")
    let first = try pusher.push()
    XCTAssertEqual(first.set, 2)
    XCTAssertEqual(first.unknown, 1)
    for user in ["ada", "bob"] {
      XCTAssertEqual(
        try scene.moto.attributes(of: user, in: scene.pool)["custom:userId"],
        try scene.database.value(
          "SELECT id FROM cognito.users WHERE username = $1::text", [user]))
    }
    XCTAssertEqual(try pusher.push().set, 0)
  }

  func testGroupsThatSomebodyElseChangedAreFoundAndMended() throws {
    let scene = try RoleScene(users: ["ada", "bob", "eve"])
    try scene.addRole("admin")
    try scene.addRole("editor")
    try scene.give("admin", to: "ada")
    try scene.give("editor", to: "eve")
    _ = try pusher(scene).drainWithinBounds()
    try scene.moto.createGroup("beta", in: scene.pool)
    for group in ["admin", "beta"] { try scene.moto.addUser("bob", toGroup: group, in: scene.pool) }
    try scene.moto.call(
      "AdminRemoveUserFromGroup",
      [
        "UserPoolId": .string(scene.pool.text), "Username": .string("ada"),
        "GroupName": .string("admin"),
      ])
    let comparison = RoleComparison(
      connection: scene.database.owner, cognito: try scene.client(), pool: scene.pool)
    var differences: [RoleDifference] = []
    let found = try comparison.compare(
      repairs: false,
      report: { _, difference in
        if let difference { differences.append(difference.1) }
      })
    XCTAssertEqual(found.users, 3)
    XCTAssertEqual([found.differing, found.missing, found.surplus], [2, 1, 1])
    XCTAssertEqual(Set(differences.flatMap { $0.missing + $0.surplus }), ["admin"])
    XCTAssertEqual(try scene.waiting, 0)

    _ = try comparison.compare(repairs: true)
    _ = try pusher(scene).drainWithinBounds()
    XCTAssertEqual(try scene.groups(), ["ada": ["admin"], "bob": ["beta"], "eve": ["editor"]])
    XCTAssertEqual(try comparison.compare(repairs: false).differing, 0)
  }

  /// A client of a server that gives every call the same answer; no call is repeated.
  private func refusingServer(
    _ body: String, status: Int = 400
  ) throws -> (client: CognitoClient, server: ScriptedServer) {
    let step = ScriptedServer.Step.answer(status, body: Array(body.utf8))
    let server = try ScriptedServer(Array(repeating: step, count: 20))
    let environment = try MotoServer.shared.environment.merging([
      "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://\(server.endpoint)"
    ]) { $1 }
    return (
      try CognitoClient(environment: Environment(environment), version: "0", backOff: nil), server
    )
  }
}
