import Clock
import CognitoAPI
import XCTest

final class BackOffTests: XCTestCase {
  private struct Fixed: RandomNumberGenerator {
    var value: UInt64
    mutating func next() -> UInt64 { value }
  }

  func testTheLimitDoublesUpToTheCap() {
    let rows: [(failures: Int, milliseconds: Int)] = [
      (Int.min, 100), (0, 100), (1, 100), (2, 200), (3, 400), (4, 800), (5, 1600), (6, 3200),
      (7, 5000), (8, 5000), (1000, 5000), (Int.max, 5000),
    ]
    for row in rows {
      XCTAssertEqual(
        BackOff().limit(afterFailures: row.failures), .milliseconds(row.milliseconds),
        "\(row.failures)")
    }
    XCTAssertEqual(
      BackOff(base: .seconds(9), cap: .seconds(5)).limit(afterFailures: 1), .seconds(5))
    let start = Instant.now()
    XCTAssertEqual(BackOff(base: .zero, cap: .seconds(5)).limit(afterFailures: 1_000_000), .zero)
    XCTAssertLessThan(start.elapsed, .milliseconds(100), "nothing doubles to nothing")
  }

  func testAWaitIsAnyPartOfTheLimit() {
    var (lowest, highest) = (Fixed(value: 0), Fixed(value: .max))
    for failures in [1, 4, 100] {
      let limit = BackOff().limit(afterFailures: failures)
      XCTAssertEqual(BackOff().wait(afterFailures: failures, using: &lowest), .zero)
      XCTAssertEqual(
        BackOff().wait(afterFailures: failures, using: &highest).milliseconds, limit.milliseconds,
        accuracy: 0.001)
    }
  }

  func testWaitsAreSpreadOverTheLimit() {
    var random = SystemRandomNumberGenerator()
    let waits = (0..<10_000).map { _ in BackOff().wait(afterFailures: 3, using: &random) }
    XCTAssertTrue(waits.allSatisfy { $0 >= .zero && $0 <= .milliseconds(400) })
    // Out of 10,000 about 2,500 are in each quarter; five standard deviations are 217.
    for quarter in 0..<4 {
      let range = Duration.milliseconds(quarter * 100)..<Duration.milliseconds(quarter * 100 + 100)
      XCTAssertEqual(Double(waits.count { range.contains($0) }), 2500, accuracy: 300)
    }
  }
}
