import XCTest

@testable import Clock

final class InstantTests: XCTestCase {
  private let origin = Instant(nanoseconds: 5_000_000_000)

  func testTheClockNeverGoesBack() {
    var last = Instant.now()
    for _ in 1...10_000 {
      let now = Instant.now()
      XCTAssertGreaterThanOrEqual(now, last)
      last = now
    }
  }

  func testElapsedTimeGrowsWhileSleeping() {
    let start = Instant.now()
    usleep(20_000)
    XCTAssertGreaterThanOrEqual(start.elapsed, .milliseconds(20))
    XCTAssertLessThan(start.elapsed, .seconds(30))
  }

  func testMovingAndMeasuringAreInverse() {
    let durations: [Duration] = [
      .zero, .nanoseconds(1), .nanoseconds(-1), .milliseconds(1500), .seconds(-7),
      .seconds(86_400 * 365),
    ]
    for duration in durations {
      let moved = origin.advanced(by: duration)
      XCTAssertEqual(origin.duration(to: moved), duration)
      XCTAssertEqual(moved.duration(to: origin), .zero - duration)
      XCTAssertEqual(moved > origin, duration > .zero)
    }
  }

  func testPartsOfANanosecondAreDropped() {
    let half = Duration(secondsComponent: 0, attosecondsComponent: 500_000_000)
    XCTAssertEqual(origin.advanced(by: half), origin)
  }

  func testTheEndOfTheClockIsWhereItStops() {
    let last = Instant(nanoseconds: .max)
    let first = Instant(nanoseconds: .min)
    for duration in [Duration.seconds(Int64.max), .seconds(9_223_372_037), .nanoseconds(Int64.max)]
    {
      XCTAssertEqual(origin.advanced(by: duration), last, "\(duration)")
    }
    let beforeZero = Instant(nanoseconds: -1)
    for duration in [Duration.seconds(Int64.min), .seconds(-9_223_372_037)] {
      XCTAssertEqual(beforeZero.advanced(by: duration), first, "\(duration)")
    }
    XCTAssertEqual(last.advanced(by: .nanoseconds(1)), last)
    XCTAssertEqual(first.advanced(by: .nanoseconds(-1)), first)
    XCTAssertEqual(first.duration(to: last), .nanoseconds(Int64.max))
    XCTAssertEqual(last.duration(to: first), .nanoseconds(Int64.min))
  }

  func testSaturatedArithmeticStaysInRange() {
    XCTAssertEqual(Int64.max.addingSaturated(1), .max)
    XCTAssertEqual(Int64.min.addingSaturated(-1), .min)
    XCTAssertEqual(Int64.max.addingSaturated(.min), -1)
    XCTAssertEqual(Int64.min.subtractingSaturated(1), .min)
    XCTAssertEqual(Int64.max.subtractingSaturated(-1), .max)
    XCTAssertEqual(Int64(0).subtractingSaturated(.min), .max)
    XCTAssertEqual(Int64.max.multipliedSaturated(by: 2), .max)
    XCTAssertEqual(Int64.min.multipliedSaturated(by: 2), .min)
    XCTAssertEqual(Int64(-3).multipliedSaturated(by: 2), -6)
  }
}
