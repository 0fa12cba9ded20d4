import Foundation
import LocalLambda
import TestSupport
import XCTest

/// No personal data and no secret in a log line or an error body, at any log level.
final class PrivacyTests: XCTestCase {
  private let canaries = [
    "canary-mail", "canary-name", "canary-custom", "canary-password", "canary-phone",
    "canary-identity", "canary-migration", "canary-pool-password",
  ]

  private func canaryEvent(_ source: String, sub: Any = UUID().uuidString) -> TestEvent {
    var event = TestEvent(
      source, email: "canary-mail@example.com",
      attributes: [
        "sub": sub, "phone_number": "canary-phone", "name": "canary-name",
        "custom:secret": "canary-custom", "identities": "[{\"userId\":\"canary-identity\"",
      ])
    event.userName = "canary-name"
    return event
  }

  private func assertNoCanary(
    in function: FunctionUnderTest, _ answers: [Answer], file: StaticString = #filePath,
    line: UInt = #line
  ) {
    var text = function.logText
    for answer in answers {
      if case .error(_, let body) = answer.kind { text += String(decoding: body, as: UTF8.self) }
    }
    XCTAssertFalse(text.isEmpty, file: file, line: line)
    XCTAssertEqual(try text.givesAway(canaries), [], text, file: file, line: line)
  }

  private func events() throws -> [[UInt8]] {
    let sources = [
      "PostConfirmation_ConfirmSignUp", "PostAuthentication_Authentication", "PreSignUp_SignUp",
      "UserMigration_Authentication", "canary-name is no source",
    ]
    var events = sources.map { canaryEvent($0).bytes }
    events.append(canaryEvent("PostAuthentication_Authentication", sub: "canary-name").bytes)
    events.append(Array("{\"canary-mail\": \"canary-name".utf8))
    events.append(Array("{\"request\": {\"password\": \"canary-migration\"}}".utf8))
    return events
  }

  func testWhenAllIsWellAndWhenTheDatabaseIsDownOrBroken() throws {
    let database = try TestDatabase()
    let broken = try TestDatabase()
    // A constraint of the team's own: its error's detail would quote the row.
    try broken.execute(
      "ALTER TABLE cognito.users ADD CONSTRAINT team_rule CHECK (email NOT LIKE 'canary%')")
    let down = "postgresql://canary-name:canary-password@127.0.0.1:\(try TCPRelay.unusedPort())/app"
    let wrongPassword = database.url(user: database.handlerLogin, password: "canary-password")
    let unresolvable = "postgresql://canary-name:canary-password@no-such-host.invalid/app"
    for url in [database.handlerURL, broken.handlerURL, down, wrongPassword, unresolvable] {
      for format in ["JSON", "Text"] {
        let function = try FunctionUnderTest(environment: [
          "DATABASE_URL": url, "LOG_LEVEL": "TRACE", "AWS_LAMBDA_LOG_FORMAT": format,
          "POST_AUTHENTICATION_ON_FAILURE": "fail", "SYNC_BUDGET_MS": "1000",
        ])
        let answers = try events().map { try function.invoke($0) }
        assertNoCanary(in: function, answers)
      }
    }
  }

  func testARefusedPoolsEventIsNotQuoted() throws {
    let database = try TestDatabase()
    let function = try FunctionUnderTest(environment: [
      "DATABASE_URL": database.handlerURL, "LOG_LEVEL": "TRACE",
      "USER_POOL_IDS": "eu-central-1_mine",
    ])
    var event = canaryEvent("PostConfirmation_ConfirmSignUp")
    event.userPoolID = "canary-name_x"
    let answer = try function.invoke(event)
    guard case .error("Function.UserPoolNotAllowed", _) = answer.kind else {
      return XCTFail("\(answer.kind)")
    }
    assertNoCanary(in: function, [answer])
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.users"), "0")
  }

  func testAWordThatChanceCouldSpellProvesNothing() throws {
    XCTAssertEqual(try "the canary sings".givesAway(["canary", "secret"]), ["canary"])
    for word in ["ada", "decade", "54321", "115-000", "log", ""] {
      XCTAssertThrowsError(try "".givesAway([word]), word)
    }
  }

  func testAFailureNamesTheUserByPoolAndSub() throws {
    let function = try FunctionUnderTest(environment: [
      "DATABASE_URL": "postgresql://127.0.0.1:\(try TCPRelay.unusedPort())/app"
    ])
    let sub = UUID()
    _ = try function.invoke(TestEvent("PostConfirmation_ConfirmSignUp", sub: sub))
    let report = try XCTUnwrap(try function.reports().last)
    XCTAssertEqual(report["sub"] as? String, sub.uuidString.lowercased())
    XCTAssertEqual(report["userPoolId"] as? String, "eu-central-1_ExaMPLe01")
  }
}
