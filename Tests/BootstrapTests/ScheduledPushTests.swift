import Clock
import CognitoAPI
import Foundation
import LocalLambda
import TestSupport
import XCTest

/// `PUSH_ON_SCHEDULE`: EventBridge invokes the function, and it drains the outbox.
final class ScheduledPushTests: XCTestCase {
  private static let rule = Array(
    #"{"version":"0","detail-type":"Scheduled Event","source":"aws.events","detail":{}}"#.utf8)
  private static let scheduler = Array(
    #"{"version":"0","detail-type":"Scheduled Event","source":"aws.scheduler","detail":"{}"}"#.utf8)

  private func function(
    _ scene: RoleScene, _ more: [String: String] = [:]
  ) throws -> FunctionUnderTest {
    var environment = scene.moto.environment
    environment["DATABASE_URL"] = scene.database.handlerURL
    environment["PUSH_ON_SCHEDULE"] = "on"
    environment["PUSH_CREATE_GROUPS"] = "on"
    environment["METRICS"] = "emf"
    return try FunctionUnderTest(
      environment: environment.merging(more) { $1 }, keeping: scene.database)
  }

  func testAScheduleDrainsTheOutboxWithTheHandlersLogin() throws {
    let scene = try RoleScene(users: ["ada", "bob"])
    try scene.addRole("admin")
    let function = try function(scene)
    for (event, user) in [(Self.rule, "ada"), (Self.scheduler, "bob")] {
      try scene.give("admin", to: user)
      XCTAssertTrue(try function.invoke(event).echoes(event))
      XCTAssertEqual(try scene.groups()[user], ["admin"])
      XCTAssertEqual(try function.lastOutcome(), "pushed")
      XCTAssertEqual(try function.reports().last?["pushedUsers"] as? Int, 1)
      XCTAssertEqual(try function.logLines().last?["PushedUsers"] as? Int, 1)
    }
    // In between it serves users as ever.
    let event = TestEvent(userPoolID: scene.pool.text)
    XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
    XCTAssertEqual(try function.lastOutcome(), "inserted")
    XCTAssertEqual(try scene.waiting, 0)
  }

  func testInAReplicasRegionNothingIsPushed() throws {
    let scene = try RoleScene(users: ["ada"])
    try scene.addRole("admin")
    try scene.give("admin", to: "ada")
    for (settings, outcome) in [
      (["AWS_REGION": "us-west-2", "USER_POOL_IDS": scene.pool.text], "secondary"),
      (["AWS_REGION": "us-west-2"], "pushed"),
    ] {
      let function = try function(scene, settings)
      XCTAssertTrue(try function.invoke(Self.rule).echoes(Self.rule))
      XCTAssertEqual(try function.lastOutcome(), outcome)
      XCTAssertEqual(try scene.groups()["ada"], [])
      XCTAssertEqual(try scene.waiting, 1)
    }
    let primary = try function(
      scene, ["AWS_REGION": "eu-central-1", "USER_POOL_IDS": scene.pool.text])
    XCTAssertTrue(try primary.invoke(Self.rule).echoes(Self.rule))
    XCTAssertEqual(try scene.groups()["ada"], ["admin"])
  }

  func testWithoutTheSettingAScheduleIsNoEvent() throws {
    let scene = try RoleScene(users: ["ada"])
    try scene.addRole("admin")
    try scene.give("admin", to: "ada")
    let function = try function(scene, ["PUSH_ON_SCHEDULE": "off"])
    guard case .error(let type, _) = try function.invoke(Self.rule).kind else {
      return XCTFail("taken")
    }
    XCTAssertEqual(type, "Function.InvalidEvent")
    XCTAssertEqual(
      try function.reports().last?["problem"] as? String,
      "a schedule came, and PUSH_ON_SCHEDULE is off")
    XCTAssertEqual(try scene.waiting, 1)
  }

  func testWhatCannotBePushedIsAnErrorForLambdaAndStaysInTheOutbox() throws {
    let scene = try RoleScene(users: ["ada"])
    try scene.addRole("admin")
    try scene.give("admin", to: "ada")
    let denied = ScriptedServer.Step.answer(
      400, body: Array(#"{"__type":"AccessDeniedException"}"#.utf8))
    let server = try ScriptedServer([denied])
    let function = try function(
      scene, ["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://\(server.endpoint)"])
    guard case .error(let type, _) = try function.invoke(Self.rule).kind else {
      return XCTFail("answered as if pushed")
    }
    XCTAssertEqual(type, "Function.RolesNotPushed")
    let report = try XCTUnwrap(try function.reports().last { $0["requestId"] != nil })
    XCTAssertEqual(report["outcome"] as? String, "failed")
    XCTAssertTrue(function.logText.contains("cognito-idp:AdminAddUserToGroup"))
    XCTAssertEqual(try function.logLines().last?["FailureClass"] as? String, "Cognito")
    XCTAssertEqual(try scene.waiting, 1)
    let event = TestEvent(userPoolID: scene.pool.text)
    XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
  }

  func testASilentCognitoLeavesTimeForTheAnswer() throws {
    let scene = try RoleScene(users: ["ada"])
    try scene.addRole("admin")
    try scene.give("admin", to: "ada")
    let server = try ScriptedServer([.silence])
    // All of the invocation's time, which is not the budget of an event that somebody waits for.
    let function = try function(
      scene,
      [
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://\(server.endpoint)",
        "SYNC_BUDGET_MS": "1000",
      ])
    let start = Instant.now()
    let answer = try function.invoke(
      Self.rule, envelope: EventEnvelope(requestID: "scheduled", timeout: .seconds(4)),
      within: .seconds(4))
    XCTAssertGreaterThan(start.elapsed, .seconds(2))
    XCTAssertTrue(answer.echoes(Self.rule))
    XCTAssertEqual(
      try scene.database.query("SELECT attempts, failed_at FROM cognito.role_outbox"), [["1", nil]])
  }
}
