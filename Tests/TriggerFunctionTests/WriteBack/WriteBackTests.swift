import Clock
import CognitoAPI
import CognitoTriggers
import TestSupport
import UserTable
import XCTest

@testable import TriggerFunction

/// What becomes of write-back over time, by a clock that the test sets.
final class WriteBackTests: XCTestCase {
  private var now = Timestamp(microsecondsSinceEpoch: 1_800_000_000_000_000)

  private func writeBack(
    asking server: ScriptedServer, budget: Duration = .seconds(4)
  ) throws -> WriteBack {
    WriteBack(
      attribute: "custom:userId",
      cognito: try CognitoClient(asking: "http://\(server.endpoint)"),
      budget: budget, now: { self.now })
  }

  private func user(_ pool: String) throws -> SyncedUser {
    try SyncedUser(
      TriggerEvent(TestEvent(userPoolID: pool).bytes), observedAt: .now(), requestID: "1",
      at: .token)
  }

  private static func error(_ type: String) -> ScriptedServer.Step {
    .answer(400, body: Array(#"{"__type":"\#(type)"}"#.utf8))
  }

  func testAfterAFailureItRestsForLongerEachTimeAndIsToldOnce() throws {
    let server = try ScriptedServer([
      Self.error("AccessDeniedException"), Self.error("AccessDeniedException"), .answer(503),
      .answer(200, body: Array("{}".utf8)), .answer(503),
    ])
    let writeBack = try writeBack(asking: server)
    let user = try user("eu-central-1_ExaMPLe01")
    let denied = CognitoError.accessDenied(.updateAttributes)
    let failed = CognitoError.internalError(status: 503)
    let rows: [(seconds: Int, result: WriteBackResult)] = [
      (0, .failed(denied, isNews: true, pause: .seconds(10))),
      (0, .paused), (9, .paused),
      (1, .failed(denied, isNews: false, pause: .seconds(20))),
      (19, .paused),
      (1, .failed(failed, isNews: true, pause: .seconds(40))),
      (39, .paused),
      (1, .set),
      (0, .failed(failed, isNews: true, pause: .seconds(10))),
      (9, .paused),
    ]
    for (index, row) in rows.enumerated() {
      now = now.advanced(by: .seconds(row.seconds))
      XCTAssertEqual(
        writeBack.perform(for: user, id: "1", from: nil, until: .after(.seconds(60))), row.result,
        "\(index)")
    }
    XCTAssertEqual(server.requests.count, 5)
  }

  func testOneUsersFailureAndOnePoolsHoldNobodyElseUp() throws {
    let success = ScriptedServer.Step.answer(200, body: Array("{}".utf8))
    let server = try ScriptedServer([
      Self.error("UserNotFoundException"), success, Self.error("AliasExistsException"), success,
      Self.error("ResourceNotFoundException"), success, success,
    ])
    let writeBack = try writeBack(asking: server)
    let (one, other) = ("eu-central-1_ExaMPLe01", "eu-central-1_ExaMPLe02")
    let rows: [(pool: String, result: WriteBackResult)] = [
      (one, .failed(.userNotFound, isNews: true, pause: .zero)),
      (one, .set),
      (one, .failed(.aliasExists, isNews: true, pause: .zero)),
      (one, .set),
      (one, .failed(.resourceNotFound, isNews: true, pause: .seconds(10))),
      (other, .set), (one, .paused), (other, .set),
    ]
    for (index, row) in rows.enumerated() {
      XCTAssertEqual(
        writeBack.perform(for: try user(row.pool), id: "1", from: nil, until: .after(.seconds(60))),
        row.result, "\(index)")
    }
    XCTAssertEqual(server.requests.count, 7)
  }

  /// Cognito did answer, if only that it has no such user: what was wrong before is over.
  func testAnAnswerAboutOneUserEndsTheTrouble() throws {
    let server = try ScriptedServer([
      .answer(503), Self.error("UserNotFoundException"), .answer(503),
    ])
    let writeBack = try writeBack(asking: server)
    let failed = CognitoError.internalError(status: 503)
    let results: [WriteBackResult] = [
      .failed(failed, isNews: true, pause: .seconds(10)),
      .failed(.userNotFound, isNews: true, pause: .zero),
      .failed(failed, isNews: true, pause: .seconds(10)),
    ]
    for result in results {
      XCTAssertEqual(
        writeBack.perform(
          for: try user("eu-central-1_ExaMPLe01"), id: "1", from: nil, until: .after(.seconds(60))),
        result)
      now = now.advanced(by: .seconds(10))
    }
  }

  func testNoMoreThan100PoolsAreKeptInMind() throws {
    let server = try ScriptedServer(Array(repeating: .answer(503), count: 102))
    let writeBack = try writeBack(asking: server)
    func result(_ number: Int) throws -> WriteBackResult {
      writeBack.perform(
        for: try user("eu-central-1_\(number)"), id: "1", from: nil, until: .after(.seconds(60)))
    }
    let news = WriteBackResult.failed(
      .internalError(status: 503), isNews: true, pause: .seconds(10))
    for number in 1...100 { XCTAssertEqual(try result(number), news) }
    XCTAssertEqual(try result(1), .paused)
    XCTAssertEqual(try result(101), news)
    XCTAssertEqual(try result(1), news, "forgotten")
    XCTAssertEqual(try result(101), .paused)
  }

  func testASilentCognitoMayHaveAQuarterOfTheBudgetAndAtLeastHalfASecond() throws {
    for (budget, share) in [(Duration.milliseconds(600), 500), (.milliseconds(3200), 800)] {
      let server = try ScriptedServer([.silence])
      let start = Instant.now()
      XCTAssertEqual(
        try writeBack(asking: server, budget: budget).perform(
          for: try user("eu-central-1_ExaMPLe01"), id: "1", from: nil, until: .after(.seconds(60))),
        .failed(.timedOut, isNews: true, pause: .seconds(10)))
      XCTAssertGreaterThanOrEqual(start.elapsed, .milliseconds(share))
      XCTAssertLessThan(start.elapsed, .seconds(10))
    }
  }

  func testWhatIsToldAndCounted() {
    let rows: [(result: WriteBackResult, name: String, isFailure: Bool, isTold: Bool)] = [
      (.notNeeded, "not needed", false, false), (.set, "set", false, false),
      (.postponed, "postponed", false, false), (.paused, "paused", true, false),
      (.failed(.timedOut, isNews: true, pause: .zero), "failed", true, true),
      (.failed(.timedOut, isNews: false, pause: .seconds(10)), "failed", true, false),
      (.noRegion(isNews: true), "no region", true, true),
      (.noRegion(isNews: false), "no region", true, false),
    ]
    for row in rows {
      XCTAssertEqual(row.result.name, row.name)
      XCTAssertEqual(row.result.isFailure, row.isFailure, row.name)
      XCTAssertEqual(row.result.problem != nil, row.isTold, row.name)
    }
  }
}
