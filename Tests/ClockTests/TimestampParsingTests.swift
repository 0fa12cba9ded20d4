import Clock
import Foundation
import XCTest

final class TimestampParsingTests: XCTestCase {
  func testSecondsSince1970AreExact() {
    let rows: [(text: String, microseconds: Int64)] = [
      ("0", 0), ("-0", 0), ("0.0", 0), ("1", 1_000_000), ("1.5", 1_500_000),
      ("1795248000", 1_795_248_000_000_000), ("1795248000.123", 1_795_248_000_123_000),
      // A Double would have .12345599…
      ("1795248000.123456", 1_795_248_000_123_456), ("1795248000.1234569", 1_795_248_000_123_456),
      ("1.795248000123E9", 1_795_248_000_123_000), ("1.795248000123e+9", 1_795_248_000_123_000),
      ("1795248000123e-3", 1_795_248_000_123_000), ("12e-7", 1), ("12e-8", 0), ("5e-900", 0),
      ("-1.000001", -1_000_001), ("0e1000", 0), ("9223372036854.775807", .max),
    ]
    for row in rows {
      XCTAssertEqual(
        Timestamp(epochSeconds: row.text)?.microsecondsSinceEpoch, row.microseconds, row.text)
    }
  }

  func testWhatIsNoNumberIsNoTime() {
    for text in [
      "", "-", "+1", ".5", "1.", "1e", "1e+", "x", "1x", " 1", "1 ", "NaN", "Infinity", "0x10",
      "9223372036854.775808", "1e13", "1e1000", "1e1001", "1e99999999999999999999",
      String(repeating: "9", count: 101),
    ] {
      XCTAssertNil(Timestamp(epochSeconds: text), text)
    }
  }

  func testISO8601IsExact() {
    let rows: [(text: String, rfc3339: String)] = [
      ("2026-11-21T08:30:00.123000+00:00", "2026-11-21T08:30:00.123000Z"),
      ("2026-11-21T08:30:00Z", "2026-11-21T08:30:00.000000Z"),
      ("2026-11-21 08:30:00Z", "2026-11-21T08:30:00.000000Z"),
      ("2026-11-21T08:30:00.1234567Z", "2026-11-21T08:30:00.123456Z"),
      ("2026-11-21T08:30:00.5+02:00", "2026-11-21T06:30:00.500000Z"),
      ("2026-11-21T08:30:00-0930", "2026-11-21T18:00:00.000000Z"),
      ("2026-12-31T23:59:60Z", "2027-01-01T00:00:00.000000Z"),
      ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"),
      ("2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000000Z"),
      ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
      ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
      ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ]
    for row in rows {
      XCTAssertEqual(Timestamp(iso8601: row.text)?.rfc3339, row.rfc3339, row.text)
    }
  }

  func testWhatIsNoISO8601IsNoTime() {
    for text in [
      "", "2026", "2026-11-21", "2026-11-21T08:30:00", "2026-11-21T08:30Z", "2026-13-21T08:30:00Z",
      "2026-00-21T08:30:00Z", "2026-11-31T08:30:00Z", "2026-02-29T08:30:00Z",
      "1900-02-29T08:30:00Z",
      "2026-11-00T08:30:00Z", "2026-11-21T24:00:00Z", "2026-11-21T08:60:00Z",
      "2026-11-21T08:30:61Z",
      "2026-11-21T08:30:00.Z", "2026-11-21T08:30:00+24:00", "2026-11-21T08:30:00+01:60",
      "2026-11-21T08:30:00+1:00", "2026-11-21T08:30:00Zx", "20261121T083000Z",
      "२०२६-11-21T08:30:00Z",
      "2026-11-21T08:30:00.\(String(repeating: "0", count: 101))Z", "-026-11-21T08:30:00Z",
    ] {
      XCTAssertNil(Timestamp(iso8601: text), text)
    }
  }

  func testEveryDayIsThatOfFoundation() throws {
    let format = ISO8601DateFormatter()
    for seconds in stride(from: -2_208_988_800, to: 4_102_444_800, by: 987_654) {
      let text = format.string(from: Date(timeIntervalSince1970: Double(seconds)))
      XCTAssertEqual(
        Timestamp(iso8601: text)?.microsecondsSinceEpoch, Int64(seconds) * 1_000_000, text)
    }
  }

  func testADateHeaderIsATimeToTheSecond() {
    for (text, time) in [
      ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.000000Z"),
      ("Thu, 29 Feb 2024 23:59:59 GMT", "2024-02-29T23:59:59.000000Z"),
      ("Tue, 01 Dec 2026 00:00:00 GMT", "2026-12-01T00:00:00.000000Z"),
    ] { XCTAssertEqual(Timestamp(httpDate: text)?.rfc3339, time) }
    for text in [
      "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
      "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC",
      "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
    ] { XCTAssertNil(Timestamp(httpDate: text), text) }
  }
}
