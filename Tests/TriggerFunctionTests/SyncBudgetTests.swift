import Clock
import LambdaRuntime
import XCTest

@testable import TriggerFunction

final class SyncBudgetTests: XCTestCase {
  private func budget(
    lambda: Duration?, startUp: Duration = .zero, of setting: Duration = .milliseconds(4000)
  ) -> Duration {
    let now = Instant.now()
    let invocation = Invocation(
      requestID: "1", payload: [], deadline: lambda.map { Deadline(at: now.advanced(by: $0)) },
      receivedAt: now, startUpTime: startUp)
    let deadline = SyncBudget.deadline(for: invocation, budget: setting)
    return now.duration(to: deadline.instant)
  }

  func testTheEarlierOfLambdasDeadlineLessTheReserveAndTheBudget() {
    let table: [(lambda: Duration?, startUp: Duration, expected: Duration)] = [
      (nil, .zero, .milliseconds(4000)),
      (.seconds(5), .zero, .milliseconds(4000)),
      (.seconds(3), .zero, .milliseconds(2800)),
      (.milliseconds(100), .zero, .milliseconds(-100)),
      (.seconds(5), .milliseconds(1500), .milliseconds(2500)),
      (.seconds(2), .milliseconds(1500), .milliseconds(1800)),
      (nil, .seconds(60), .seconds(-56)),
    ]
    for row in table {
      XCTAssertEqual(budget(lambda: row.lambda, startUp: row.startUp), row.expected)
    }
  }

  func testTheFirstEventHasHalfASecondWhileCognitoStillWaits() {
    let table: [(setting: Duration, startUp: Duration, lambda: Duration?, expected: Duration)] = [
      (.milliseconds(600), .milliseconds(1500), .seconds(5), .milliseconds(500)),
      (.milliseconds(600), .milliseconds(50), .seconds(5), .milliseconds(550)),
      (.milliseconds(100), .milliseconds(1500), .seconds(5), .milliseconds(500)),
      (.milliseconds(4000), .milliseconds(3800), .seconds(5), .milliseconds(500)),
      (.milliseconds(4000), .milliseconds(4500), .seconds(5), .milliseconds(300)),
      // Cognito has given up: there is nothing to win.
      (.milliseconds(4000), .milliseconds(4800), .seconds(5), .milliseconds(-800)),
      // Lambda's own deadline is the last.
      (.milliseconds(600), .milliseconds(1500), .milliseconds(400), .milliseconds(200)),
    ]
    for row in table {
      XCTAssertEqual(
        budget(lambda: row.lambda, startUp: row.startUp, of: row.setting), row.expected)
    }
  }
}
