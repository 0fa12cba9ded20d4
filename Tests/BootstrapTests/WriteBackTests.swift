import Clock
import CognitoAPI
import Foundation
import LocalLambda
import TestSupport
import XCTest

/// `WRITE_BACK_ATTRIBUTE`: the row's id becomes an attribute of the user in Cognito.
final class WriteBackTests: XCTestCase {
  private func function(
    on database: TestDatabase, endpoint: String? = nil, _ more: [String: String] = [:]
  ) throws -> FunctionUnderTest {
    var environment = try MotoServer.shared.environment
    environment["DATABASE_URL"] = database.handlerURL
    environment["WRITE_BACK_ATTRIBUTE"] = "custom:userId"
    if let endpoint { environment["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"] = endpoint }
    return try FunctionUnderTest(
      environment: environment.merging(more) { $1 }, keeping: database)
  }

  private func id(in database: TestDatabase) throws -> String {
    try XCTUnwrap(database.value("SELECT id FROM cognito.users"))
  }

  func testTheFirstConfirmationSetsTheIdAndTheSecondDoesNot() throws {
    let (moto, database) = (try MotoServer.shared, try TestDatabase())
    let pool = try moto.createUserPool()
    let user = try moto.createUser("ada", in: pool)
    let function = try function(on: database)
    var event = TestEvent(
      "PostConfirmation_ConfirmSignUp", sub: try XCTUnwrap(UUID(uuidString: user.sub)),
      userPoolID: pool.text)
    event.userName = user.username
    XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
    XCTAssertEqual(
      try moto.attributes(of: "ada", in: pool)["custom:userId"], try id(in: database))
    let first = try XCTUnwrap(try function.takeReport())
    XCTAssertEqual(first["writeBack"] as? String, "set")

    // As Cognito shows the user from now on; were it set again, it would be.
    event.attributes["custom:userId"] = try id(in: database)
    try moto.setAttributes(["custom:userId": "untouched"], of: "ada", in: pool)
    XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
    XCTAssertEqual(try moto.attributes(of: "ada", in: pool)["custom:userId"], "untouched")
    let second = try XCTUnwrap(try function.takeReport())
    XCTAssertNil(second["writeBack"])
  }

  func testOneCallAnEventAndNoneWhereTheEventIsRight() throws {
    let database = try TestDatabase()
    let server = try ScriptedServer(
      Array(repeating: .answer(200, body: Array("{}".utf8)), count: 4))
    let function = try function(on: database, endpoint: "http://\(server.endpoint)")
    var event = TestEvent()
    _ = try function.invoke(event)
    XCTAssertEqual(server.requests.count, 1)
    let body = try XCTUnwrap(
      JSONSerialization.jsonObject(with: Data(server.requests[0].body)) as? [String: Any])
    XCTAssertEqual(body["Username"] as? String, event.userName)
    XCTAssertEqual(
      body["UserAttributes"] as? [[String: String]],
      [["Name": "custom:userId", "Value": try id(in: database)]])

    _ = try function.invoke(TestEvent("PreSignUp_SignUp"))
    XCTAssertEqual(server.requests.count, 1, "only where a user was written")
    event.attributes["custom:userId"] = "somebody else's"
    _ = try function.invoke(event)
    XCTAssertEqual(server.requests.count, 2)
    event.attributes["custom:userId"] = try id(in: database)
    _ = try function.invoke(event)
    XCTAssertEqual(server.requests.count, 2)
  }

  func testAFailureIsLoggedAndCountedNeverTheTriggersAndHealsAtTheNextSignIn() throws {
    let database = try TestDatabase()
    let denied = Array(#"{"__type":"AccessDeniedException","Message":"ada@example.com"}"#.utf8)
    let server = try ScriptedServer([
      .answer(400, body: denied), .answer(503), .raw("garbage\r\n\r\n"),
      .answer(200, body: Array("{}".utf8)),
    ])
    let event = TestEvent()
    for outcome in ["inserted", "unchanged", "unchanged", "unchanged"] {
      // In another process each time: one leaves Cognito alone after a failure.
      let function = try function(
        on: database, endpoint: "http://\(server.endpoint)", ["METRICS": "emf"])
      XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
      let lines = try function.logLines()
      let report = try XCTUnwrap(lines.last { $0["outcome"] != nil })
      XCTAssertEqual(report["outcome"] as? String, outcome)
      XCTAssertEqual(
        try function.logText.givesAway([
          "ada@example.com", "secret+key", "example+token", "Signature=",
        ]), [])
      if server.requests.count == 4 {
        XCTAssertEqual(lines.last?["WrittenBack"] as? Int, 1)
        break
      }
      XCTAssertEqual(report["level"] as? String, "WARN")
      XCTAssertEqual(report["writeBack"] as? String, "failed")
      XCTAssertEqual(report["userPoolId"] as? String, event.userPoolID)
      XCTAssertEqual(lines.last?["WriteBackFailed"] as? Int, 1)
      XCTAssertEqual(lines.last?["WrittenBack"] as? Int, 0)
      XCTAssertEqual(
        function.logText.contains("cognito-idp:AdminUpdateUserAttributes"), outcome == "inserted")
    }
    XCTAssertEqual(server.requests.count, 4, "no call is repeated while a user waits")
  }

  func testASilentCognitoCostsItsShareOnceAndIsLeftAloneThen() throws {
    let database = try TestDatabase()
    let server = try ScriptedServer([.silence])
    let function = try function(
      on: database, endpoint: "http://\(server.endpoint)", ["METRICS": "emf"])
    var event = TestEvent("PostConfirmation_ConfirmSignUp")
    XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
    let first = try XCTUnwrap(function.reports().first { $0["level"] as? String == "WARN" })
    XCTAssertEqual(first["outcome"] as? String, "inserted")
    XCTAssertEqual(first["writeBack"] as? String, "failed")
    XCTAssertLessThan(try XCTUnwrap(first["totalMs"] as? Double), 3000, "a share of 4000")
    XCTAssertTrue(
      try XCTUnwrap(first["problem"] as? String).hasSuffix("(the next attempt follows in 10 s)"))

    for _ in 1...5 {
      event = TestEvent()
      _ = try function.takeReport()
      XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
      let lines = try function.logLines()
      let report = try XCTUnwrap(lines.first { $0["outcome"] != nil })
      XCTAssertEqual(report["outcome"] as? String, "inserted")
      XCTAssertEqual(report["writeBack"] as? String, "paused")
      XCTAssertEqual(report["level"] as? String, "INFO")
      XCTAssertEqual(report["sub"] as? String, event.attributes["sub"] as? String)
      XCTAssertNil(report["problem"])
      XCTAssertEqual(lines.last?["WriteBackFailed"] as? Int, 1)
    }
    XCTAssertEqual(server.requests.count, 1)
  }

  func testASilentCognitoEndsWithTheBudget() throws {
    let database = try TestDatabase()
    let server = try ScriptedServer([.silence])
    let function = try function(
      on: database, endpoint: "http://\(server.endpoint)", ["SYNC_BUDGET_MS": "1500"])
    let event = TestEvent("PostConfirmation_ConfirmSignUp")
    XCTAssertTrue(try function.invoke(event, within: .seconds(4)).echoes(event.bytes))
    XCTAssertEqual(try function.lastOutcome(), "inserted")
    XCTAssertEqual(try function.reports().last?["writeBack"] as? String, "failed")
  }

  func testAPoolWithoutARegionIsToldOfOnceAndNothingIsCalled() throws {
    let database = try TestDatabase()
    let names = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"]
    let function = try function(
      on: database, ["METRICS": "emf"].merging(names.map { ($0, "") }) { $1 })
    for pool in ["local_4bHxRj", "local_4bHxRj", "no pool's id"] {
      let event = TestEvent(userPoolID: pool)
      XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
      XCTAssertEqual(try function.logLines().last?["WriteBackFailed"] as? Int, 1)
    }
    let levels = try function.logLines().filter { $0["writeBack"] as? String == "no region" }
      .compactMap { $0["level"] as? String }
    XCTAssertEqual(levels, ["WARN", "INFO", "INFO"])
    XCTAssertEqual(
      try function.logLines().compactMap { $0["problem"] as? String },
      [
        "no row's id is written back: the user pool's id does not begin with an AWS region "
          + "(AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER names an emulator's endpoint)"
      ])
  }

  func testAnEventFromAReplicaIsWrittenAndNothingIsWrittenBack() throws {
    let database = try TestDatabase()
    let server = try ScriptedServer([])
    let function = try function(
      on: database, endpoint: "http://\(server.endpoint)", ["METRICS": "emf"])
    let file = TestEnvironment.fixtures
      .appendingPathComponent("events/variations/replica-region.json")
    let event = Array(try Data(contentsOf: file))
    XCTAssertTrue(try function.invoke(event).echoes(event))
    let report = try XCTUnwrap(function.reports().last)
    XCTAssertEqual(report["outcome"] as? String, "inserted")
    XCTAssertEqual(report["writeBack"] as? String, "secondary")
    XCTAssertEqual(report["level"] as? String, "INFO")
    XCTAssertEqual(try function.logLines().last?["WriteBackFailed"] as? Int, 0)
    XCTAssertEqual(server.requests.count, 0)
  }

  func testAnEmulatorsPoolAndOneOfTheSovereignCloudAreWritten() throws {
    let database = try TestDatabase()
    let server = try ScriptedServer(
      Array(repeating: .answer(200, body: Array("{}".utf8)), count: 2))
    let function = try function(on: database, endpoint: "http://\(server.endpoint)")
    let sovereign = TestEnvironment.fixtures
      .appendingPathComponent("events/variations/sovereign-cloud-pool.json")
    let events = [
      TestEvent(userPoolID: "local_4bHxRj").bytes, Array(try Data(contentsOf: sovereign)),
    ]
    for (event, region) in zip(events, ["local", "eusc-de-east-1"]) {
      XCTAssertTrue(try function.invoke(event).echoes(event))
      let report = try XCTUnwrap(function.takeReport())
      XCTAssertEqual(report["outcome"] as? String, "inserted")
      XCTAssertEqual(report["writeBack"] as? String, "set")
      let authorization = try XCTUnwrap(server.requests.last?.headers["authorization"])
      XCTAssertTrue(authorization.contains("/\(region)/cognito-idp/"), authorization)
    }
  }

  func testABadSwitchForAWSsEndpointsIsNamedAtTheStart() throws {
    let database = try TestDatabase()
    for (name, value) in [
      ("AWS_USE_FIPS_ENDPOINT", "yes"), ("AWS_USE_DUALSTACK_ENDPOINT", "1"),
      ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "on"),
    ] {
      let function = try function(on: database, [name: value])
      XCTAssertThrowsError(try function.invoke(TestEvent()), name) { error in
        guard case .initializationError(let body)? = error as? LocalRuntimeError else {
          return XCTFail("\(name): \(error)")
        }
        let message = String(decoding: body, as: UTF8.self)
        XCTAssertTrue(message.contains(#""\#(name) must be true or false""#), message)
      }
    }
  }

  func testWithLittleTimeLeftItIsNotBegun() throws {
    let database = try TestDatabase()
    let server = try ScriptedServer([])
    let function = try function(
      on: database, endpoint: "http://\(server.endpoint)", ["SYNC_BUDGET_MS": "400"])
    let event = TestEvent()
    // The first invocation's budget is shorter by the start.
    _ = try function.invoke(TestEvent("PreSignUp_SignUp"))
    XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
    XCTAssertEqual(try function.reports().last?["writeBack"] as? String, "postponed")
    XCTAssertEqual(server.requests.count, 0)
  }
}
