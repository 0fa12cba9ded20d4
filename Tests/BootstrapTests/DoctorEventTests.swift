import Foundation
import JSON
import LocalLambda
import TestSupport
import XCTest

/// `{"doctor":true}`, asked of the real function.
final class DoctorEventTests: XCTestCase {
  private let event = Array(#"{"doctor":true}"#.utf8)

  func testTheFunctionAnswersWithWhatItFindsFromWhereItIs() throws {
    let database = try TestDatabase()
    let function = try FunctionUnderTest(
      environment: [
        "DATABASE_URL": database.handlerURL, "DOCTOR": "on",
        "AWS_LAMBDA_FUNCTION_NAME": "pooltable", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
      ])
    guard case .response(let bytes) = try function.invoke(event).kind else {
      return XCTFail(function.logText)
    }
    let answer = try XCTUnwrap(try JSONValue(parsing: bytes).object)
    XCTAssertEqual(answer["healthy"], .boolean(true), String(decoding: bytes, as: UTF8.self))
    guard case .array(let findings)? = answer["findings"] else { return XCTFail() }
    let verdicts = findings.compactMap(\.object).map {
      "\($0["check"]?.string ?? "") \($0["verdict"]?.string ?? "")"
    }
    for verdict in [
      "configuration ok", "login ok", "round trip ok", "function ok", "AWS credentials skipped",
    ] {
      XCTAssertTrue(verdicts.contains(verdict), "\(verdict): \(verdicts)")
    }
    XCTAssertEqual(try function.lastOutcome(), "diagnosed")
    XCTAssertFalse(
      (String(decoding: bytes, as: UTF8.self) + function.logText).contains(
        database.handlerPassword))

    // Users are written as before.
    let user = TestEvent("PostConfirmation_ConfirmSignUp").bytes
    XCTAssertTrue(try function.invoke(user).echoes(user))
  }

  func testADatabaseThatIsAwayIsAFindingAndNoFailure() throws {
    let port = try TCPRelay.unusedPort()
    let function = try FunctionUnderTest(
      environment: ["DATABASE_URL": "postgresql://a@127.0.0.1:\(port)/a", "DOCTOR": "on"])
    guard case .response(let bytes) = try function.invoke(event).kind else {
      return XCTFail(function.logText)
    }
    XCTAssertEqual(
      try JSONValue(parsing: bytes).object?["healthy"], .boolean(false),
      String(decoding: bytes, as: UTF8.self))
    XCTAssertTrue(function.logText.contains("checks that failed: 1"), function.logText)
  }

  func testOffItIsNoEventOfOurs() throws {
    let function = try FunctionUnderTest(on: try TestDatabase())
    guard case .error("Function.InvalidEvent", _) = try function.invoke(event).kind else {
      return XCTFail(function.logText)
    }
    XCTAssertTrue(function.logText.contains("DOCTOR is off"), function.logText)
  }
}
