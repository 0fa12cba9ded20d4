import CognitoAPI
import Deadline
import Foundation
import LocalRuntime
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
    let function = try function(
      on: database, endpoint: "http://\(server.endpoint)", ["METRICS": "emf"])
    let event = TestEvent()
    for outcome in ["inserted", "unchanged", "unchanged"] {
      XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
      let lines = try function.logLines()
      let report = try XCTUnwrap(lines.last { $0["outcome"] != nil })
      XCTAssertEqual(report["outcome"] as? String, outcome)
      XCTAssertEqual(report["level"] as? String, "WARN")
      XCTAssertEqual(report["writeBack"] as? String, "failed")
      XCTAssertEqual(report["userPoolId"] as? String, event.userPoolID)
      XCTAssertEqual(lines.last?["WriteBackFailed"] as? Int, 1)
      XCTAssertEqual(lines.last?["WrittenBack"] as? Int, 0)
    }
    XCTAssertTrue(function.logText.contains("cognito-idp:AdminUpdateUserAttributes"))
    XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
    XCTAssertEqual(try function.logLines().last?["WrittenBack"] as? Int, 1)
    XCTAssertEqual(server.requests.count, 4, "no call is repeated while a user waits")
    for secret in ["ada@example.com", "secret+key", "example+token", "Signature="] {
      XCTAssertFalse(function.logText.contains(secret), secret)
    }
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
