import Clock
import TestSupport
import XCTest

/// What `Timestamp` writes, PostgreSQL reads as the same moment.
final class TimestampInPostgresTests: XCTestCase {
  func testEveryYearIsReadWhateverTheSessionsSettingsSay() throws {
    let database = try TestDatabase(migrated: false)
    let times: [Int64] = [
      0, -1, 1_795_248_000_123_456, 253_402_300_799_999_999, 253_402_300_800_000_000,
      4_102_444_800_000_000_000, 9_222_000_000_000_000_000, -62_135_596_800_000_000,
      -62_135_596_800_000_001,
      -62_167_219_200_000_001, -63_517_824_000_000_000, -210_000_000_000_000_000,
    ]
    for style in ["ISO, MDY", "SQL, DMY", "German", "Postgres, YMD"] {
      for zone in ["UTC", "Pacific/Auckland"] {
        try database.execute("SET DateStyle = '\(style)'; SET TimeZone = '\(zone)'")
        for time in times {
          let text = Timestamp(microsecondsSinceEpoch: time).rfc3339
          // As microseconds since 1970: numeric, and exact but for the last 30 years.
          XCTAssertEqual(
            try database.value(
              "SELECT (extract(epoch FROM $1::timestamptz) * 1000000)::bigint", [text]),
            String(time), "\(text) \(style) \(zone)")
        }
      }
    }
  }

  /// Never another time: what is before PostgreSQL's first day is an error.
  func testWhatPostgresCannotHoldIsRefused() throws {
    let database = try TestDatabase(migrated: false)
    let text = Timestamp(microsecondsSinceEpoch: .min).rfc3339
    XCTAssertThrowsError(try database.value("SELECT $1::timestamptz", [text])) { error in
      XCTAssertTrue("\(error)".contains("22008"), "\(error)")
    }
  }
}
