import Clock
import XCTest

final class DeadlineTests: XCTestCase {
  func testWhatIsLeftShrinksFromTheDurationGiven() {
    let deadline = Deadline.after(.seconds(60))
    let first = deadline.remaining
    let second = deadline.remaining
    XCTAssertLessThanOrEqual(first, .seconds(60))
    XCTAssertGreaterThan(first, .seconds(30))
    XCTAssertLessThanOrEqual(second, first)
    XCTAssertFalse(deadline.hasPassed)
  }

  func testWhatIsLeftIsNeverNegative() {
    for duration in [Duration.zero, .nanoseconds(-1), .seconds(-60), .seconds(Int64.min)] {
      let deadline = Deadline.after(duration)
      XCTAssertEqual(deadline.remaining, .zero, "\(duration)")
      XCTAssertTrue(deadline.hasPassed, "\(duration)")
    }
  }

  func testADeadlineBeyondTheClockIsFarAway() {
    let deadline = Deadline.after(.seconds(Int64.max))
    XCTAssertGreaterThan(deadline.remaining, .seconds(100 * 365 * 86_400))
    XCTAssertFalse(deadline.hasPassed)
    XCTAssertGreaterThan(deadline.slice(of: 2).remaining, .seconds(100 * 365 * 86_400))
  }

  func testDeadlinesAreOrderedByTheirInstants() {
    let now = Instant.now()
    let earlier = Deadline(at: now)
    let later = Deadline(at: now.advanced(by: .nanoseconds(1)))
    XCTAssertLessThan(earlier, later)
    XCTAssertEqual(min(later, earlier), earlier)
    XCTAssertEqual(later.instant, now.advanced(by: .nanoseconds(1)))
  }

  func testACapTakesTheEarlierEnd() {
    let deadline = Deadline.after(.seconds(60))
    XCTAssertEqual(deadline.capped(at: .seconds(3600)), deadline)
    XCTAssertEqual(deadline.capped(at: .seconds(Int64.max)), deadline)
    let capped = deadline.capped(at: .seconds(1))
    XCTAssertLessThan(capped, deadline)
    XCTAssertLessThanOrEqual(capped.remaining, .seconds(1))
    XCTAssertTrue(deadline.capped(at: .zero).hasPassed)
    XCTAssertTrue(deadline.capped(at: .seconds(-1)).hasPassed)
  }

  func testACapDoesNotRevivePastDeadlines() {
    let passed = Deadline.after(.seconds(-1))
    XCTAssertEqual(passed.capped(at: .seconds(60)), passed)
  }

  func testASliceIsAnEqualShareOfWhatIsLeft() {
    let deadline = Deadline.after(.seconds(60))
    for (count, upperBound) in [(2, 30), (3, 20), (4, 15), (60, 1)] {
      let slice = deadline.slice(of: count)
      XCTAssertLessThanOrEqual(slice.remaining, .seconds(upperBound), "\(count)")
      XCTAssertGreaterThan(slice.remaining, .seconds(upperBound) / 2, "\(count)")
    }
  }

  func testTheLastSliceIsAllTheRest() {
    let deadline = Deadline.after(.seconds(60))
    for count in [1, 0, -1, Int.min] { XCTAssertEqual(deadline.slice(of: count), deadline) }
  }

  func testSlicesOfAPastDeadlineHavePassed() {
    for count in [1, 2, 100, Int.max] {
      XCTAssertTrue(Deadline.after(.seconds(-1)).slice(of: count).hasPassed, "\(count)")
    }
  }

  func testSleepingLastsUntilTheDeadline() {
    let start = Instant.now()
    Deadline.after(.milliseconds(30)).sleep()
    XCTAssertGreaterThanOrEqual(start.elapsed, .milliseconds(30))
    XCTAssertLessThan(start.elapsed, .seconds(30))
  }

  func testSleepingUntilAPastDeadlineDoesNotWait() {
    let start = Instant.now()
    Deadline.after(.seconds(-3600)).sleep()
    XCTAssertLessThan(start.elapsed, .seconds(30))
  }

  func testAWaitThatIsGivenUpEndsBeforeItsDeadline() {
    var asked = 0
    let far = Deadline.after(.seconds(3600))
    XCTAssertFalse(
      far.sleep(unless: {
        asked += 1
        return asked > 2
      }))
    XCTAssertFalse(far.hasPassed)
    let near = Deadline.after(.milliseconds(5))
    XCTAssertTrue(near.sleep(unless: { false }))
    XCTAssertTrue(near.hasPassed)
    XCTAssertFalse(near.sleep(unless: { true }), "given up by its end")
  }
}
