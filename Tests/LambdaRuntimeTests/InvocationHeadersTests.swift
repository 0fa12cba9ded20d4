import Clock
import XCTest

@testable import LambdaRuntime

final class InvocationHeadersTests: XCTestCase {
  private let now = Instant.now()
  /// 2026-11-21T08:00:00.250750Z
  private let time = Timestamp(microsecondsSinceEpoch: 1_795_248_000_250_750)

  func testDeadlineIsAsFarAwayOnTheMonotonicClockAsOnTheWallClock() {
    let rows: [(header: String, away: Duration)] = [
      ("1795248005250", .microseconds(4_999_250)),
      ("1795248000251", .microseconds(250)),
      ("1795248000250", .microseconds(-750)),
      ("1795247999250", .microseconds(-1_000_750)),
      ("1", .microseconds(1000 - 1_795_248_000_250_750)),
    ]
    for row in rows {
      XCTAssertEqual(
        deadline(fromHeader: row.header, at: now, time), Deadline(at: now.advanced(by: row.away)),
        row.header)
    }
  }

  func testWhatIsNoPositiveNumberIsNoDeadline() {
    let headers = [
      nil, "", " ", "0", "-1", "-9223372036854775808", "soon", "1795248005250ms", "1795248005.5",
      "1e12", "0x1A2B", " 1795248005250", "1795248005250\0", "9223372036854775808",
      "99999999999999999999999999", "١٢٣٤",
    ]
    for header in headers {
      XCTAssertNil(deadline(fromHeader: header, at: now, time), header ?? "no header")
    }
  }

  func testADeadlineBeyondTheClocksIsFarAwayInsteadOfATrap() throws {
    let years = Duration.seconds(100 * 365 * 86_400)
    for header in ["9223372036854775807", "9223372036854775", "9223372036854776"] {
      let end = try XCTUnwrap(deadline(fromHeader: header, at: now, time), header)
      XCTAssertGreaterThan(end, Deadline(at: now.advanced(by: years)), header)
    }
  }
}
