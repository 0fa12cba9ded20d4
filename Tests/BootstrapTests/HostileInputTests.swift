import CognitoTriggers
import Foundation
import LocalLambda
import TestSupport
import XCTest

/// Hostile bytes through the real process into a real database: PostgreSQL takes whatever the decoder
/// takes, and the answer is the same bytes or one well-formed error.
final class HostileInputTests: XCTestCase {
  func testFiveThousandSpoiledEventsOnASmallStack() throws {
    let database = try TestDatabase()
    let function = try FunctionUnderTest(
      environment: ["DATABASE_URL": database.handlerURL], stackKilobytes: 1024)
    var outcomes: [String: Int] = [:]
    for event in try HostileEvents(seed: 3).prefix(5000) {
      outcomes[try outcome(of: event, from: function), default: 0] += 1
    }
    for outcome in ["inserted", "updated", "passed", "refused"] {
      XCTAssertGreaterThan(outcomes[outcome] ?? 0, 100, outcome)
    }
    try assertAGoodEventIsInserted(by: function, database)
  }

  func testExtremes() throws {
    let database = try TestDatabase()
    let function = try FunctionUnderTest(
      environment: ["DATABASE_URL": database.handlerURL], stackKilobytes: 1024)
    for event in ExtremeEvents.all() { _ = try outcome(of: event, from: function) }
    try assertAGoodEventIsInserted(by: function, database)
  }

  private func outcome(
    of event: HostileEvent, from function: FunctionUnderTest
  ) throws -> String {
    let answer = try function.invoke(event.bytes)
    let report = try XCTUnwrap(try function.takeReport(), "\(event.label): no report")
    let outcome = try XCTUnwrap(report["outcome"] as? String)
    let isEvent = (try? TriggerEvent(event.bytes)) != nil
    switch answer.kind {
    case .response(let bytes):
      XCTAssertTrue(isEvent, "\(event.label): echoed though it is no event")
      XCTAssertTrue(bytes == event.bytes, "\(event.label): other bytes came back")
    case .error(let type, let body):
      XCTAssertFalse(isEvent, "\(event.label): refused though it is an event")
      XCTAssertEqual(type, "Function.InvalidEvent", event.label)
      let error = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
      XCTAssertEqual(error?["errorType"] as? String, type, event.label)
    }
    XCTAssertEqual(outcome == "refused", !isEvent, event.label)
    XCTAssertNotEqual(outcome, "failed", "\(event.label): \(report["problem"] ?? "")")
    return outcome
  }

  private func assertAGoodEventIsInserted(
    by function: FunctionUnderTest, _ database: TestDatabase
  ) throws {
    let event = TestEvent(email: "after@example.com")
    XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
    XCTAssertEqual(try function.takeReport()?["outcome"] as? String, "inserted")
    XCTAssertEqual(
      try database.value("SELECT count(*) FROM cognito.users WHERE email = 'after@example.com'"),
      "1")
    XCTAssertNil(function.process.exitStatus)
  }
}
