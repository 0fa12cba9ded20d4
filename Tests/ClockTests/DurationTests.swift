import XCTest

@testable import Clock

final class DurationTests: XCTestCase {
  private static let attosecond = Duration(secondsComponent: 0, attosecondsComponent: 1)

  func testWholeNanosecondsDropTheRestAndSaturate() {
    let rows: [(duration: Duration, nanoseconds: Int64)] = [
      (.zero, 0), (.nanoseconds(1), 1), (.nanoseconds(-1), -1), (.milliseconds(1), 1_000_000),
      (Self.attosecond, 0), (.nanoseconds(2) - Self.attosecond, 1),
      (.seconds(-1.5), -1_500_000_000),
      (.seconds(9_223_372_036) + .nanoseconds(854_775_807), .max),
      (.seconds(9_223_372_036) + .nanoseconds(854_775_808), .max),
      (.seconds(9_223_372_037), .max), (.seconds(-9_223_372_037), .min),
      (.seconds(Int64.max), .max), (.seconds(Int64.min), .min),
    ]
    for row in rows {
      XCTAssertEqual(row.duration.wholeNanoseconds, row.nanoseconds, "\(row.duration)")
    }
  }

  func testWholeMillisecondsAreNeverLessThanTheDuration() {
    let rows: [(duration: Duration, milliseconds: Int64)] = [
      (.zero, 0), (.nanoseconds(1), 1), (.microseconds(999), 1), (.milliseconds(1), 1),
      (.nanoseconds(1_000_001), 2), (.milliseconds(4000), 4000), (.nanoseconds(-1), 0),
      (.nanoseconds(-999_999), 0), (.milliseconds(-1), -1), (.microseconds(-1500), -1),
      (.seconds(Int64.max), 9_223_372_036_855), (.seconds(Int64.min), -9_223_372_036_854),
    ]
    for row in rows {
      XCTAssertEqual(row.duration.wholeMillisecondsRoundedUp, row.milliseconds, "\(row.duration)")
    }
  }

  func testMillisecondsKeepTheirFraction() {
    let rows: [(duration: Duration, milliseconds: Double)] = [
      (.zero, 0), (.microseconds(1500), 1.5), (.seconds(-2), -2000), (.nanoseconds(250), 0.00025),
    ]
    for row in rows {
      XCTAssertEqual(row.duration.milliseconds, row.milliseconds, accuracy: 1e-12)
    }
  }
}
