import Deadline
import LambdaRuntime
import XCTest

@testable import UserSync

final class SyncBudgetTests: XCTestCase {
  private func budget(lambda: Duration?, startUp: Duration = .zero) -> Duration {
    let now = Instant.now()
    let invocation = Invocation(
      requestID: "1", payload: [], deadline: lambda.map { Deadline(at: now.advanced(by: $0)) },
      receivedAt: now, startUpTime: startUp)
    let deadline = SyncBudget.deadline(for: invocation, budget: .milliseconds(4000))
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
}
