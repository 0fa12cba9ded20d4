import Foundation
import XCTest

@testable import LambdaRuntime

final class LambdaLogTests: XCTestCase {
  private let written = CollectedLog()

  func testJSONLineHasTheKeysThatLambdaReads() throws {
    written.log().warning("slow", LogField("requestId", "8476a536"))

    let object = try XCTUnwrap(written.objects().first)

    XCTAssertEqual(Set(object.keys), ["timestamp", "level", "message", "requestId"])
    XCTAssertEqual(object["level"] as? String, "WARN")
    XCTAssertEqual(object["message"] as? String, "slow")
    XCTAssertEqual(object["requestId"] as? String, "8476a536")
  }

  func testTimestampIsTheTimeOfWritingInRFC3339() throws {
    let before = Date()
    written.log().log(.info, "now")

    let text = try XCTUnwrap(written.objects().first?["timestamp"] as? String)
    let format = ISO8601DateFormatter()
    format.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
    // The formatter reads milliseconds only.
    let time = try XCTUnwrap(format.date(from: String(text.dropLast(4)) + "Z"), text)

    XCTAssertNotNil(text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/), text)
    XCTAssertEqual(time.timeIntervalSince(before), 0, accuracy: 60)
  }

  func testNumbersStayNumbers() throws {
    let rows: [(field: LogField, json: String)] = [
      (LogField("key", 0), "0"), (LogField("key", -42), "-42"),
      (LogField("key", Int.max), "9223372036854775807"),
      (LogField("key", Duration.zero), "0.000"), (LogField("key", .microseconds(1)), "0.001"),
      (LogField("key", .microseconds(1042)), "1.042"),
      (LogField("key", .milliseconds(12_345)), "12345.000"),
      (LogField("key", .microseconds(-1500)), "-1.500"),
      (LogField("key", "42"), #""42""#), (LogField("key", "true"), #""true""#),
    ]
    for row in rows {
      let written = CollectedLog()
      written.log().log(.info, "m", [row.field])
      let line = try XCTUnwrap(written.lines.first)
      XCTAssertTrue(line.hasSuffix(#""message":"m","key":\#(row.json)}"# + "\n"), line)
      XCTAssertEqual(try written.objects().first?.count, 4, line)
    }
  }

  func testFieldsKeepTheirOrder() throws {
    written.log().log(.info, "m", [LogField("zoo", "1"), LogField("requestId", "2")])
    written.log(.text).log(.info, "m", [LogField("zoo", "1"), LogField("requestId", "2")])
    XCTAssertTrue(try XCTUnwrap(written.lines.first).contains(#""zoo":"1","requestId":"2"}"#))
    XCTAssertTrue(try XCTUnwrap(written.lines.last).hasSuffix(" m zoo=1 requestId=2\n"))
  }

  func testALineIsOneWriteThatEndsInOneLineFeed() throws {
    for format in [LogFormat.text, .json] {
      let written = CollectedLog()
      written.log(format).log(
        .info, "first\nsecond\r\n\u{1B}[31mred\0end\ttab", [LogField("requestId", "a\nb")])

      XCTAssertEqual(written.lines.count, 1)
      let line = try XCTUnwrap(written.lines.first)
      XCTAssertEqual(line.utf8.filter { $0 < 0x20 }, [0x0A], line)
      XCTAssertTrue(line.utf8.last == 0x0A, line)
    }
  }

  func testTextLineReadsAsTimeLevelMessageAndFields() throws {
    written.log(.text).error("failed", LogField("requestId", "id"), LogField("code", 7))
    let line = try XCTUnwrap(written.lines.first)
    XCTAssertNotNil(line.wholeMatch(of: /[0-9T:.-]+Z ERROR failed requestId=id code=7\n/), line)
  }

  func testWhatIsBelowTheLevelIsNotWritten() throws {
    for (index, level) in LogLevel.allCases.enumerated() {
      let written = CollectedLog()
      for other in LogLevel.allCases { written.log(level: level).log(other, other.lambdaName) }
      let expected = LogLevel.allCases[index...].map(\.lambdaName)
      XCTAssertEqual(try written.objects().map { $0["message"] as? String }, expected)
      XCTAssertEqual(try written.objects().map { $0["level"] as? String }, expected)
    }
  }
}

final class LogLevelTests: XCTestCase {
  func testLevelsAreReadInAnyCase() {
    let rows: [(name: String, level: LogLevel?)] = [
      ("TRACE", .trace), ("DEBUG", .debug), ("INFO", .info), ("WARN", .warning),
      ("ERROR", .error), ("FATAL", .fatal), ("trace", .trace), ("Warn", .warning),
      ("", nil), ("WARNING", nil), ("NOTICE", nil), ("CRITICAL", nil), (" INFO", nil), ("1", nil),
    ]
    for row in rows {
      XCTAssertEqual(LogLevel(lambdaName: row.name), row.level, row.name)
    }
  }

  func testLevelsAreOrderedFromTheLeastSerious() {
    let names = LogLevel.allCases.shuffled().sorted().map(\.lambdaName)
    XCTAssertEqual(names, ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"])
  }
}

final class LogFormatTests: XCTestCase {
  func testFormatIsTextUnlessJSONIsAskedFor() {
    let rows: [(value: String?, format: LogFormat)] = [
      (nil, .text), ("", .text), ("Text", .text), ("TEXT", .text), ("JSON", .json),
      ("json", .json), ("Json", .json), ("JSON ", .text), ("XML", .text),
    ]
    for row in rows {
      XCTAssertEqual(LogFormat(lambdaName: row.value), row.format, row.value ?? "not set")
    }
  }
}
