import Clock
import Foundation
import XCTest

final class TimestampTests: XCTestCase {
  func testKnownTimesAreWrittenInRFC3339() {
    let rows: [(microseconds: Int64, text: String)] = [
      (0, "1970-01-01T00:00:00.000000Z"),
      (1, "1970-01-01T00:00:00.000001Z"),
      (-1, "1969-12-31T23:59:59.999999Z"),
      (-1_000_000, "1969-12-31T23:59:59.000000Z"),
      (-1_000_001, "1969-12-31T23:59:58.999999Z"),
      (1_000_000_000_000_000, "2001-09-09T01:46:40.000000Z"),
      (1_234_567_890_012_345, "2009-02-13T23:31:30.012345Z"),
      (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
      (1_709_251_199_999_999, "2024-02-29T23:59:59.999999Z"),
      (1_709_251_200_000_000, "2024-03-01T00:00:00.000000Z"),
      (-2_203_891_200_000_000, "1900-03-01T00:00:00.000000Z"),
      (-2_203_891_200_000_001, "1900-02-28T23:59:59.999999Z"),
      (2_147_483_648_000_000, "2038-01-19T03:14:08.000000Z"),
      (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
      (-62_135_596_800_000_000, "0001-01-01T00:00:00.000000Z"),
      (-62_135_596_800_000_001, "0001-12-31T23:59:59.999999Z BC"),
      (-63_517_824_000_000_000, "0044-03-15T00:00:00.000000Z BC"),
      (253_402_300_800_000_000, "10000-01-01T00:00:00.000000Z"),
      (.max, "294247-01-10T04:00:54.775807Z"),
      (.min, "290309-12-21T19:59:05.224192Z BC"),
    ]
    for row in rows {
      XCTAssertEqual(Timestamp(microsecondsSinceEpoch: row.microseconds).rfc3339, row.text)
    }
  }

  func testTimesOfEveryYearAreThoseOfFoundation() throws {
    let format = ISO8601DateFormatter()
    // From 1900 to 2100 in steps of some 11 days, which meet every hour and month.
    for seconds in stride(from: -2_208_988_800, to: 4_102_444_800, by: 987_654) {
      let timestamp = Timestamp(microsecondsSinceEpoch: Int64(seconds) * 1_000_000 + 42)
      let whole = format.string(from: Date(timeIntervalSince1970: Double(seconds)))
      XCTAssertEqual(timestamp.rfc3339, whole.dropLast() + ".000042Z")
    }
  }

  func testNowIsTheTimeOfTheWallClock() {
    let seconds = Double(Timestamp.now().microsecondsSinceEpoch) / 1_000_000
    XCTAssertEqual(seconds, Date().timeIntervalSince1970, accuracy: 60)
  }

  func testMovingAndMeasuringAreInverse() {
    let origin = Timestamp(microsecondsSinceEpoch: 1_795_248_000_250_750)
    for duration in [Duration.zero, .microseconds(1), .milliseconds(-1500), .seconds(86_400)] {
      let moved = origin.advanced(by: duration)
      XCTAssertEqual(origin.duration(to: moved), duration)
      XCTAssertEqual(moved.duration(to: origin), .zero - duration)
      XCTAssertEqual(moved > origin, duration > .zero)
    }
  }

  func testTheEndOfTheRangeIsWhereItStops() {
    let last = Timestamp(microsecondsSinceEpoch: .max)
    let first = Timestamp(microsecondsSinceEpoch: .min)
    XCTAssertEqual(last.advanced(by: .microseconds(1)), last)
    XCTAssertEqual(first.advanced(by: .microseconds(-1)), first)
    XCTAssertEqual(last.advanced(by: .seconds(Int64.max)), last)
    XCTAssertEqual(first.duration(to: last), .microseconds(Int64.max))
    XCTAssertEqual(last.duration(to: first), .microseconds(Int64.min))
  }
}
