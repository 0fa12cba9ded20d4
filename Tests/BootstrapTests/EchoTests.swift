import CognitoTriggers
import Foundation
import LocalLambda
import TestSupport
import TriggerFunction
import XCTest

/// Every fixture through the real process, into a real database.
final class EchoTests: XCTestCase {
  private static let written: Set<String> = [
    "PostConfirmation_ConfirmSignUp", "PostConfirmation_ConfirmForgotPassword",
    "PostAuthentication_Authentication",
  ]

  func testEveryTriggerSourceIsEchoedAndOnlyThoseMarkedAreWritten() throws {
    let database = try TestDatabase()
    let function = try FunctionUnderTest(environment: ["DATABASE_URL": database.handlerURL])
    var seen: Set<String> = []
    for file in try TestEnvironment.fixtureFiles(in: "events/sources") {
      let bytes = Array(try Data(contentsOf: file))
      let source = try TriggerEvent(bytes).sourceName
      try database.execute("TRUNCATE cognito.users CASCADE")
      let answer = try function.invoke(bytes)
      XCTAssertTrue(answer.echoes(bytes), file.lastPathComponent)
      let expected = Self.written.contains(source) ? "inserted" : "passed"
      XCTAssertEqual(try function.lastOutcome(), expected, file.lastPathComponent)
      XCTAssertEqual(
        try database.value("SELECT count(*) FROM cognito.users"),
        Self.written.contains(source) ? "1" : "0", file.lastPathComponent)
      seen.insert(source)
    }
    XCTAssertEqual(seen, Set(TriggerSource.allCases.map(\.rawValue)))
  }

  func testEveryVariationIsEchoedByteForByteAndWritten() throws {
    let notWritten: Set<String> = [
      "sub-missing.json", "sub-null.json", "sub-no-uuid.json", "unknown-trigger-source.json",
      "user-attributes-empty.json", "token-version-0.json", "token-version-latest.json",
      "token-group-configuration-null.json", "token-only-federated.json",
    ]
    let database = try TestDatabase()
    let function = try FunctionUnderTest(environment: ["DATABASE_URL": database.handlerURL])
    for file in try TestEnvironment.fixtureFiles(in: "events/variations") {
      let bytes = Array(try Data(contentsOf: file))
      XCTAssertTrue(try function.invoke(bytes).echoes(bytes), file.lastPathComponent)
      let isWritten = !notWritten.contains(file.lastPathComponent)
      XCTAssertEqual(
        try function.lastOutcome(), isWritten ? "inserted" : "passed", file.lastPathComponent)
    }
  }

  func testAnEventBehindAByteOrderMarkIsAnsweredLikeAnyOther() throws {
    let database = try TestDatabase()
    let function = try FunctionUnderTest(
      environment: ["DATABASE_URL": database.handlerURL, "TOKEN_ROLES": "on"])
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let sub = UUID()
    let event = mark + TestEvent("PostConfirmation_ConfirmSignUp", sub: sub).bytes
    XCTAssertTrue(try function.invoke(event).echoes(event))
    XCTAssertEqual(try function.lastOutcome(), "inserted")
    let token = mark + TestEvent("TokenGeneration_Authentication", sub: sub).bytes
    guard case .response(let answer) = try function.invoke(token).kind else {
      return XCTFail("no response")
    }
    XCTAssertEqual(try function.lastOutcome(), "overridden")
    XCTAssertTrue(answer.starts(with: mark + Array("{".utf8)))
  }

  func testWhatIsNoEventIsAnErrorAndTheProcessLivesOn() throws {
    let database = try TestDatabase()
    let function = try FunctionUnderTest(environment: ["DATABASE_URL": database.handlerURL])
    for file in try TestEnvironment.fixtureFiles(in: "rejected") {
      let answer = try function.invoke(Array(try Data(contentsOf: file)))
      guard case .error(let type, let body) = answer.kind else {
        XCTFail("\(file.lastPathComponent) was answered as an event")
        continue
      }
      XCTAssertEqual(type, "Function.InvalidEvent", file.lastPathComponent)
      let error = try XCTUnwrap(
        JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
      XCTAssertEqual(error["errorType"] as? String, "Function.InvalidEvent")
      XCTAssertEqual(error["errorMessage"] as? String, "The request could not be understood")
      XCTAssertEqual((error["stackTrace"] as? [Any])?.count, 0)
      XCTAssertEqual(try function.lastOutcome(), "refused", file.lastPathComponent)

      let event = TestEvent()
      XCTAssertTrue(
        try function.invoke(event).echoes(event.bytes), "after \(file.lastPathComponent)")
    }
    XCTAssertNil(function.process.exitStatus)
  }

  func testAnUnknownSourceIsReportedOnce() throws {
    let database = try TestDatabase()
    let function = try FunctionUnderTest(environment: ["DATABASE_URL": database.handlerURL])
    for source in ["PostConfirmation_New", "PostConfirmation_New", "Other_New", "Other_New"] {
      _ = try function.invoke(TestEvent(source))
    }
    let warnings = try function.logLines().filter { $0["level"] as? String == "WARN" }
    XCTAssertEqual(
      warnings.map { $0["triggerSource"] as? String }, ["PostConfirmation_New", "Other_New"])
  }

  func testColumnsHoldWhatTheEventShows() throws {
    let database = try TestDatabase()
    let function = try FunctionUnderTest(environment: ["DATABASE_URL": database.handlerURL])
    let file = TestEnvironment.fixtures
      .appendingPathComponent("events/variations/federated-user.json")
    let bytes = Array(try Data(contentsOf: file))
    _ = try function.invoke(bytes)
    let event = try TriggerEvent(bytes)
    let row = try XCTUnwrap(
      database.query(
        """
        SELECT user_pool_id, sub, username, email, email_verified, phone_number, status,
          identities -> 0 ->> 'providerName', attributes ? 'sub', attributes ? 'email',
          confirmed_at IS NOT NULL, confirmed_at = observed_at,
          attributes ->> 'name'
        FROM cognito.users
        """
      ).first)
    XCTAssertEqual(row[0], event.userPoolID)
    XCTAssertEqual(row[1], event.attributes.sub?.description)
    XCTAssertEqual(row[2], event.userName)
    XCTAssertEqual(row[3], event.attributes.email)
    XCTAssertEqual(row[6], "EXTERNAL_PROVIDER")
    XCTAssertEqual(row[7], "Google")
    XCTAssertEqual([row[8], row[9], row[10], row[11]], ["f", "f", "t", "t"])
    XCTAssertNotNil(row[12])
  }
}
