import Deadline
import Foundation
import LocalRuntime
import Synchronization
import TestSupport
import XCTest

/// Two hundred processes starting at once, against a server that takes a hundred connections.
final class StormTests: XCTestCase {
  private static let processCount = 200

  func testThroughPgBouncerEverybodyIsServed() throws {
    let database = try TestDatabase()
    let port = try XCTUnwrap(Int(TestEnvironment.variable("POOLTABLE_TEST_PGBOUNCER_PORT")))
    let written = try storm(
      "storm of 200 through PgBouncer", database,
      url: database.url(
        user: database.handlerLogin, password: database.handlerPassword, port: port))
    XCTAssertEqual(written, Self.processCount)
  }

  func testDirectlyEverybodyGetsAnAnswerAndNothingIsLost() throws {
    let database = try TestDatabase()
    let limit = try database.value("SHOW max_connections")
    XCTAssertEqual(limit, "100")
    // The server refuses some: they answer with an error, and are well once there is room.
    _ = try storm("storm of 200 without a pooler", database, url: database.handlerURL)
  }

  /// - Returns: how many were written at the first try.
  private func storm(_ fault: String, _ database: TestDatabase, url: String) throws -> Int {
    struct Result: Sendable {
      var elapsed: Duration
      var isEcho: Bool
      var isWellFormed: Bool
      var isAlive: Bool
    }
    let results = Mutex<[Result]>([])
    let failures = Mutex<[String]>([])
    let group = DispatchGroup()
    for _ in 0..<Self.processCount {
      group.enter()
      inBackground {
        defer { group.leave() }
        do {
          let function = try FunctionUnderTest(environment: ["DATABASE_URL": url])
          let event = TestEvent("PostConfirmation_ConfirmSignUp").bytes
          let answer = try function.invoke(event, within: .seconds(60))
          let isError = answer.kind.errorType == "Function.DatabaseUnavailable"
          results.withLock {
            $0.append(
              Result(
                elapsed: answer.elapsed, isEcho: answer.echoes(event),
                isWellFormed: answer.echoes(event) || isError,
                isAlive: function.process.exitStatus == nil))
          }
          guard !answer.echoes(event) else { return }
          // Those that got in leave again: then there is room for all.
          let deadline = Deadline.after(.seconds(60))
          while try !function.invoke(event, within: .seconds(60)).echoes(event) {
            if deadline.hasPassed { throw LocalRuntimeError.timedOut }
          }
        } catch {
          failures.withLock { $0.append("\(error)") }
        }
      }
    }
    group.wait()
    XCTAssertEqual(failures.withLock { $0 }, [])
    let all = results.withLock { $0 }
    XCTAssertEqual(all.count, Self.processCount)
    XCTAssertTrue(all.allSatisfy { $0.isWellFormed && $0.isAlive })
    // From the event to the answer: on two cores 200 processes share the time that it takes to start,
    // which on Lambda each has for itself.
    let worst = all.map(\.elapsed).max() ?? .zero
    XCTAssertLessThan(worst, FaultTrial.limit)
    XCTAssertEqual(
      try database.value("SELECT count(*) FROM cognito.users"), "\(Self.processCount)")
    let written = all.filter(\.isEcho).count
    FaultTable.record(
      fault: fault, temperature: "cold", elapsed: worst,
      seen: written == Self.processCount ? "nothing" : "nothing, or the error")
    return written
  }
}

extension Answer.Kind {
  fileprivate var errorType: String? {
    guard case .error(let type, _) = self else { return nil }
    return type
  }
}
