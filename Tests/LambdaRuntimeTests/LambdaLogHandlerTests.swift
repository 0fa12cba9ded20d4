import Foundation
import Logging
import XCTest

@testable import LambdaRuntime

final class LambdaLogHandlerTests: XCTestCase {
  private let log = CollectedLog()

  func testJSONLineHasTheKeysThatLambdaReads() throws {
    log.logger().warning("slow", metadata: ["requestId": "8476a536"])

    let object = try XCTUnwrap(log.objects().first)

    XCTAssertEqual(Set(object.keys), ["timestamp", "level", "message", "requestId"])
    XCTAssertEqual(object["level"] as? String, "WARN")
    XCTAssertEqual(object["message"] as? String, "slow")
    XCTAssertEqual(object["requestId"] as? String, "8476a536")
  }

  func testTimestampIsTheTimeOfWritingInRFC3339() throws {
    let before = Date()
    log.logger().info("now")

    let text = try XCTUnwrap(log.objects().first?["timestamp"] as? String)
    let format = ISO8601DateFormatter()
    format.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
    // The formatter reads milliseconds only.
    let time = try XCTUnwrap(format.date(from: String(text.dropLast(4)) + "Z"), text)

    XCTAssertNotNil(text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/), text)
    XCTAssertEqual(time.timeIntervalSince(before), 0, accuracy: 60)
  }

  func testNumbersAndBooleansStayWhatTheyAre() throws {
    log.logger().info(
      "types",
      metadata: [
        "int": .stringConvertible(-42), "double": .stringConvertible(1.5),
        "large": .stringConvertible(1e300), "flag": .stringConvertible(true),
        "notANumber": .stringConvertible(Double.nan),
        "infinite": .stringConvertible(-Double.infinity),
        "text": "42", "other": .stringConvertible(UInt8(7)), "list": ["a", "b"],
      ])

    let object = try XCTUnwrap(log.objects().first as NSDictionary?)

    let expected: [String: AnyHashable] = [
      "int": -42, "double": 1.5, "large": 1e300, "flag": true, "notANumber": "nan",
      "infinite": "-inf", "text": "42", "other": "7", "list": #"["a", "b"]"#,
    ]
    for (key, value) in expected {
      XCTAssertEqual(object[key] as? AnyHashable, value, key)
    }
    XCTAssertTrue(try XCTUnwrap(log.lines.first).contains(#""flag":true"#))
  }

  func testRequestIDComesFirstAndTheOthersByName() throws {
    log.logger().info("m", metadata: ["zoo": "1", "requestId": "2", "apple": "3", "Zebra": "4"])
    let line = try XCTUnwrap(log.lines.first)
    XCTAssertTrue(
      line.hasSuffix(#""message":"m","requestId":"2","Zebra":"4","apple":"3","zoo":"1"}"# + "\n"),
      line)
  }

  func testMetadataOfTheLoggerIsOverriddenByThatOfTheLine() throws {
    var logger = log.logger()
    logger[metadataKey: "requestId"] = "old"
    logger[metadataKey: "pool"] = "kept"
    XCTAssertEqual(logger[metadataKey: "pool"], "kept")

    logger.info("m", metadata: ["requestId": "new"])

    let object = try XCTUnwrap(log.objects().first)
    XCTAssertEqual(object["requestId"] as? String, "new")
    XCTAssertEqual(object["pool"] as? String, "kept")
  }

  func testALineIsOneWriteThatEndsInOneLineFeed() throws {
    for format in [LogFormat.text, .json] {
      let log = CollectedLog()
      log.logger(format).info(
        "first\nsecond\r\n\u{1B}[31mred\0end\ttab", metadata: ["requestId": "a\nb"])

      XCTAssertEqual(log.lines.count, 1)
      let line = try XCTUnwrap(log.lines.first)
      XCTAssertEqual(line.utf8.filter { $0 < 0x20 }, [0x0A], line)
      XCTAssertTrue(line.utf8.last == 0x0A, line)
    }
  }

  func testTextLineReadsAsTimeLevelMessageAndFields() throws {
    log.logger(.text).error("failed", metadata: ["requestId": "id", "code": .stringConvertible(7)])
    let line = try XCTUnwrap(log.lines.first)
    XCTAssertNotNil(line.wholeMatch(of: /[0-9T:.-]+Z ERROR failed requestId=id code=7\n/), line)
  }

  func testWhatIsBelowTheLevelIsNotWritten() throws {
    let logger = log.logger(level: .warning)
    logger.trace("1")
    logger.debug("2")
    logger.info("3")
    logger.notice("4")
    logger.warning("5")
    logger.error("6")
    logger.critical("7")
    XCTAssertEqual(
      try log.objects().map { $0["level"] as? String }, ["WARN", "ERROR", "FATAL"])
    XCTAssertEqual(try log.objects().map { $0["message"] as? String }, ["5", "6", "7"])
  }
}
