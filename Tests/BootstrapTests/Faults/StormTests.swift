import Clock
import Foundation
import LocalLambda
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
      url: database.urlForHandler(port: port))
    XCTAssertEqual(written, Self.processCount)
  }

  func testDirectlyEverybodyGetsAnAnswerAndNothingIsLost() throws {
    let database = try TestDatabase()
    let limit = try database.value("SHOW max_connections")
    XCTAssertEqual(limit, "100")
    // The server refuses some: they answer with an error, and are well once there is room.
    let written = try storm("storm of 200 without a pooler", database, url: database.handlerURL)
    XCTAssertLessThan(written, Self.processCount, "the server has never been full")
    XCTAssertGreaterThan(written, 50)
  }

  /// - Returns: how many were written at the first try.
  private func storm(_ fault: String, _ database: TestDatabase, url: String) throws -> Int {
    struct Result: Sendable {
      var elapsed: Duration
      var isEcho: Bool
      /// What was wrong with the answer or the process; nil: nothing.
      var problem: String?
    }
    let results = Mutex<[Result]>([])
    let failures = Mutex<[String]>([])
    let (ended, firstAnswers) = (DispatchGroup(), DispatchGroup())
    for _ in 0..<Self.processCount {
      ended.enter()
      firstAnswers.enter()
      inBackground {
        defer { ended.leave() }
        do {
          let event = TestEvent("PostConfirmation_ConfirmSignUp").bytes
          let function = try FunctionUnderTest(environment: ["DATABASE_URL": url])
          let answer = Swift.Result {
            let answer = try function.invoke(event, within: .seconds(60))
            // A process that was starved may take its answer for lost and send it again: the Runtime
            // API is there for that, too, until it asks for the next event.
            try function.runtime.waitForNext(
              process: function.process, until: .after(.seconds(60)))
            return answer
          }
          // All processes stay, with their connections, until each has had its answer. Then those that
          // were served leave, and there is room for the others.
          firstAnswers.leave()
          firstAnswers.wait()
          let isError = try answer.get().kind.errorType == "Function.DatabaseUnavailable"
          let isEcho = try answer.get().echoes(event)
          var result = Result(elapsed: try answer.get().elapsed, isEcho: isEcho)
          if let status = function.process.exitStatus {
            result.problem = "\(status), having said: \(function.logText)"
          } else if !isEcho && !isError {
            result.problem = "\(try answer.get().kind)"
          }
          results.withLock { $0.append(result) }
          let deadline = Deadline.after(.seconds(60))
          while try !isEcho && !function.invoke(event, within: .seconds(60)).echoes(event) {
            if deadline.hasPassed { throw LocalRuntimeError.timedOut }
          }
        } catch {
          failures.withLock { $0.append("\(error)") }
        }
      }
    }
    // A process that cannot be started would leave the others waiting.
    XCTAssertEqual(ended.wait(timeout: .now() + 180), .success)
    XCTAssertEqual(failures.withLock { $0 }, [])
    let all = results.withLock { $0 }
    XCTAssertEqual(all.count, Self.processCount)
    XCTAssertEqual(all.compactMap(\.problem), [])
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
