import XCTest

@testable import CommandLine

final class ProgressDisplayTests: XCTestCase {
  func testLines() {
    let cases: [(Int, Int, Double?, Duration, Int?, String)] = [
      (0, 0, nil, .seconds(1), nil, "0 users, 0/s"),
      (1, 0, nil, .seconds(1), nil, "1 user, 1/s"),
      (1234, 0, nil, .seconds(2), nil, "1,234 users, 617/s"),
      (500, 0, 0.5, .seconds(10), nil, "50 %, 500 users, 50/s, 10 s left"),
      // Half was done before the time began: the other half takes twice as long as the quarter since.
      (750, 500, 0.75, .seconds(10), nil, "75 %, 750 users, 25/s, 10 s left"),
      (1000, 0, 1, .seconds(10), nil, "100 %, 1,000 users, 100/s"),
      (10, 0, 0.001, .seconds(10), nil, "0 %, 10 users, 1/s, 2 h 46 min left"),
      (
        500, 0, 0.5, .seconds(10), 70,
        "[#################-----------------] 50 % 500 users, 50/s, 10 s left"
      ),
      (500, 0, 0.5, .seconds(10), 40, "50 % 500 users, 50/s, 10 s left"),
    ]
    for (count, first, fraction, elapsed, width, expected) in cases {
      XCTAssertEqual(
        ProgressDisplay.line(
          "user", count: count, since: first, fraction: fraction, elapsed: elapsed, width: width),
        expected)
    }
    XCTAssertEqual(
      ProgressDisplay.line(
        "row id", "written back", count: 1, since: 0, fraction: nil, elapsed: .seconds(1),
        width: nil), "1 row id written back, 1/s")
    XCTAssertEqual((-1_234_567).grouped, "-1,234,567")
  }
}
