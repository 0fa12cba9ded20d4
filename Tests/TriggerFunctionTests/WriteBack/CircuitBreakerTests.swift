import Clock
import XCTest

@testable import TriggerFunction

final class CircuitBreakerTests: XCTestCase {
  private let start = Timestamp(microsecondsSinceEpoch: 1_800_000_000_000_000)

  func testThePauseGrowsWithEachFailureInARowUpToFiveMinutes() {
    var breaker = CircuitBreaker()
    XCTAssertEqual(breaker.pause, .zero)
    XCTAssertTrue(breaker.allowsCall(at: start))
    var now = start
    for seconds in [10, 20, 40, 80, 160, 300, 300, 300] {
      breaker.recordFailure(at: now)
      XCTAssertEqual(breaker.pause, .seconds(seconds))
      let end = now.advanced(by: .seconds(seconds))
      let rows: [(at: Timestamp, allows: Bool)] = [
        (now, false), (now.advanced(by: .seconds(1)), false),
        (end.advanced(by: .microseconds(-1)), false), (end, true),
        // The process was frozen meanwhile; and a clock that was set back holds nobody up.
        (end.advanced(by: .seconds(86_400)), true), (now.advanced(by: .microseconds(-1)), true),
        (Timestamp(microsecondsSinceEpoch: .max), true),
        (Timestamp(microsecondsSinceEpoch: .min), true),
      ]
      for row in rows { XCTAssertEqual(breaker.allowsCall(at: row.at), row.allows, "\(row)") }
      now = end
    }
  }
}
