import Clock
import CognitoAPI
import TestSupport
import XCTest

@testable import CognitoPush

/// What the drain makes of each answer, and what ends it: Cognito answers as it is told.
final class DrainTests: XCTestCase {
  private static let done = ScriptedPool.done
  private static let failed = ScriptedServer.Step.answer(500)
  private static let noGroup = ScriptedPool.error("ResourceNotFoundException")

  private func scene(_ answers: [ScriptedServer.Step], users: Int = 1) throws -> ScriptedPool {
    let scene = try ScriptedPool(answers)
    try scene.addUsers(users)
    try scene.database.execute(
      "INSERT INTO cognito.roles (name) VALUES ('admin'), ('editor'), ('guest')")
    return scene
  }

  private func pusher(_ scene: ScriptedPool, createsGroups: Bool = false) -> RolePusher {
    RolePusher(
      outbox: RoleOutbox(connection: scene.database.owner), cognito: scene.client,
      createsGroups: createsGroups)
  }

  /// Each user's changes are in the outbox in the order of the roles.
  private func give(_ roles: String..., in scene: ScriptedPool) throws {
    for role in roles {
      try scene.database.query(
        """
        INSERT INTO cognito.user_roles
        SELECT u.id, r.id FROM cognito.users u, cognito.roles r WHERE r.name::text = $1::text
        ORDER BY u.username
        """, [role])
    }
  }

  private func operations(_ scene: ScriptedPool) -> [String] {
    scene.server.requests.compactMap {
      $0.headers["x-amz-target"]?.split(separator: ".").last.map { String($0) }
    }
  }

  func testWhoeverSaysStopIsHeardAfterEachUserAndToldOfEach() throws {
    let scene = try scene(Array(repeating: Self.done, count: 3), users: 3)
    try give("admin", in: scene)
    var told: [Int] = []
    let summary = try pusher(scene).drain(
      mayGoOn: { told.count < 2 }, report: { told.append($0.users) })
    XCTAssertEqual(summary.users, 2)
    XCTAssertEqual(told, [1, 2])
    XCTAssertEqual(scene.server.requests.count, 2)
  }

  func testAfterTheDeadlineNobodyIsBegun() throws {
    let scene = try scene([Self.done])
    try give("admin", in: scene)
    XCTAssertEqual(try pusher(scene).drain(until: .after(.seconds(-1))), PushSummary())
    XCTAssertEqual(scene.server.requests.count, 0)
  }

  func testASilentCognitoEndsWithTheDeadlineAndIsNoted() throws {
    let scene = try scene([.silence])
    try give("admin", in: scene)
    let start = Instant.now()
    XCTAssertEqual(try pusher(scene).drain(until: .after(.milliseconds(500))).postponed, 1)
    XCTAssertLessThan(start.elapsed, .seconds(10))
    XCTAssertEqual(try scene.database.value("SELECT attempts FROM cognito.role_outbox"), "1")
  }

  func testUsersWithoutAnAnswerCountInARowOnly() throws {
    let scene = try scene(
      [Self.failed, Self.failed, Self.done, Self.failed, Self.failed], users: 5)
    try give("admin", in: scene)
    // More than one look: what is postponed may be due again at once.
    let summary = try pusher(scene).drain(mayGoOn: { scene.server.requests.count < 5 })
    XCTAssertEqual([summary.added, summary.postponed], [1, 4])
  }

  /// A user's last change says whether Cognito answers.
  func testAUserWhoseLastChangeIsMadeHasAnAnswer() throws {
    let steps = (0..<3).flatMap { _ in [Self.failed, Self.done] }
    let scene = try scene(steps, users: 3)
    try give("admin", "editor", in: scene)
    let summary = try pusher(scene).drain(mayGoOn: { scene.server.requests.count < 6 })
    XCTAssertEqual([summary.added, summary.postponed], [3, 3])
  }

  func testAPoolsIdThatIsNoneIsKeptForSomebodyToLookAt() throws {
    let scene = try ScriptedPool([])
    try scene.addUsers(1, to: "no pool's id")
    try scene.database.execute("INSERT INTO cognito.roles (name) VALUES ('admin')")
    try give("admin", in: scene)
    XCTAssertEqual(try pusher(scene).drainWithinBounds().keptBack, 1)
    XCTAssertEqual(try scene.database.value("SELECT failure FROM cognito.role_outbox"), "refused")
  }

  func testAdditionsComeFirstAndOneThatFailsHoldsEveryRemoval() throws {
    let scene = try scene([Self.done, Self.noGroup, Self.done])
    try give("guest", in: scene)
    _ = try pusher(scene).drainWithinBounds()
    // The removal is the oldest change, and the addition that fails is not the last.
    try scene.database.execute("DELETE FROM cognito.user_roles")
    try give("admin", "editor", in: scene)
    let summary = try pusher(scene).drainWithinBounds()
    XCTAssertEqual([summary.added, summary.removed, summary.keptBack], [1, 0, 2])
    XCTAssertEqual(operations(scene), Array(repeating: "AdminAddUserToGroup", count: 3))
    XCTAssertEqual(
      try scene.database.query(
        "SELECT group_name, failure FROM cognito.role_outbox ORDER BY group_name"),
      [["admin", "missing_group"], ["guest", "addition_failed"]])
  }

  func testAGroupThatIsMissingIsMadeAndTheUserAddedAgain() throws {
    let exists = ScriptedPool.error("GroupExistsException")
    let rows: [(answers: [ScriptedServer.Step], added: Int, created: Int, kept: Int)] = [
      ([Self.noGroup, Self.done, Self.done], 1, 1, 0),
      // Another worker was faster; and somebody deletes it at once.
      ([Self.noGroup, exists, Self.done], 1, 0, 0),
      ([Self.noGroup, Self.done, Self.noGroup], 0, 1, 1),
      ([Self.noGroup, ScriptedPool.error("LimitExceededException")], 0, 0, 1),
    ]
    for (index, row) in rows.enumerated() {
      let scene = try scene(row.answers)
      try give("admin", in: scene)
      let summary = try pusher(scene, createsGroups: true).drainWithinBounds()
      XCTAssertEqual(
        [summary.added, summary.createdGroups, summary.keptBack],
        [row.added, row.created, row.kept],
        "\(index)")
      XCTAssertEqual(scene.server.requests.count, row.answers.count, "\(index)")
    }
  }

  func testARemovalFromAGroupThatIsMissingIsDoneWhereTheUserIsNotInIt() throws {
    let inIt = ScriptedServer.Step.answer(
      200, body: Array(#"{"Groups":[{"GroupName":"admin"}]}"#.utf8))
    let notInIt = ScriptedServer.Step.answer(
      200, body: Array(#"{"Groups":[{"GroupName":"beta"}]}"#.utf8))
    let rows: [(answer: ScriptedServer.Step, removed: Int, postponed: Int)] = [
      (inIt, 0, 1), (notInIt, 1, 0), (ScriptedPool.error("UserNotFoundException"), 1, 0),
      (Self.failed, 0, 1),
    ]
    for (index, row) in rows.enumerated() {
      let scene = try scene([Self.done, Self.noGroup, row.answer])
      try give("admin", in: scene)
      _ = try pusher(scene).drainWithinBounds()
      try scene.database.execute("DELETE FROM cognito.user_roles")
      let summary = try pusher(scene).drain(mayGoOn: { scene.server.requests.count < 3 })
      XCTAssertEqual(
        [summary.removed, summary.postponed], [row.removed, row.postponed], "\(index)")
    }
  }

  func testAPoolThatMayNotBeChangedIsLeftAndTheOthersArePushed() throws {
    let denied = ScriptedPool.error("AccessDeniedException")
    // The first user of the refused pool is half done when it shows, and nobody else of it is begun.
    let scene = try scene(
      [Self.done, denied] + Array(repeating: Self.done, count: 4), users: 2)
    try scene.addUsers(2, to: "us-east-1_Other")
    try scene.database.execute("UPDATE cognito.users SET username = user_pool_id || username")
    try give("admin", "editor", in: scene)
    // Those that have waited longest.
    try scene.database.query(
      "UPDATE cognito.role_outbox SET next_attempt_at = '2000-01-01' WHERE user_pool_id = $1::text",
      [ScriptedPool.name])
    let outbox = "SELECT * FROM cognito.role_outbox WHERE user_pool_id = $1::text ORDER BY id"
    let before = try scene.database.query(outbox, [ScriptedPool.name])
    var done = PushSummary()
    (done.users, done.added) = (2, 4)
    var told: [Int] = []
    XCTAssertThrowsError(try pusher(scene).drain(report: { told.append($0.added) })) {
      XCTAssertEqual(
        $0 as? PushError,
        .refused(
          [RefusedPool(pool: scene.pool, error: .accessDenied(.addUserToGroup))], done: done))
      XCTAssertTrue("\($0)".hasPrefix("\(ScriptedPool.name): access denied"), "\($0)")
    }
    XCTAssertEqual(told, [2, 4])
    XCTAssertEqual(
      scene.askedFor.map { $0.hasPrefix(ScriptedPool.name) },
      [true, true, false, false, false, false])
    XCTAssertEqual(try scene.database.query(outbox, [ScriptedPool.name]), before)
    XCTAssertEqual(
      try scene.database.value("SELECT count(*) FROM cognito.role_outbox"), "\(before.count)")
  }

  func testAGroupThatIsMadeBeforeARefusalIsCounted() throws {
    let scene = try scene([Self.noGroup, Self.done, ScriptedPool.error("AccessDeniedException")])
    try give("admin", in: scene)
    XCTAssertThrowsError(try pusher(scene, createsGroups: true).drainWithinBounds()) {
      guard case .refused(_, let done)? = $0 as? PushError else { return XCTFail("\($0)") }
      XCTAssertEqual([done.createdGroups, done.users], [1, 0])
    }
  }

  /// However a drain ends, its transaction ends with it.
  func testNoTransactionIsLeftOpen() throws {
    let scene = try scene([ScriptedPool.error("AccessDeniedException"), Self.done])
    try give("admin", in: scene)
    let pid = try XCTUnwrap(scene.database.value("SELECT pg_backend_pid()"))
    let other = try scene.database.connect()
    for isRefused in [true, false] {
      if isRefused {
        XCTAssertThrowsError(try pusher(scene).drainWithinBounds())
      } else {
        XCTAssertEqual(try pusher(scene).drainWithinBounds().added, 1)
      }
      let state = try other.query(
        "SELECT state FROM pg_stat_activity WHERE pid = $1::integer", [pid],
        until: .after(.seconds(10)))
      XCTAssertEqual(state.text(row: 0, column: 0), "idle")
    }
  }
}
