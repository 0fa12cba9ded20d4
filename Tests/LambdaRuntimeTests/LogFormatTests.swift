import Logging
import XCTest

@testable import LambdaRuntime

final class LogFormatTests: XCTestCase {
  func testFormatIsTextUnlessJSONIsAskedFor() {
    let rows: [(value: String?, format: LogFormat)] = [
      (nil, .text), ("", .text), ("Text", .text), ("TEXT", .text), ("JSON", .json),
      ("json", .json), ("Json", .json), ("JSON ", .text), ("XML", .text),
    ]
    for row in rows {
      let environment = row.value.map { ["AWS_LAMBDA_LOG_FORMAT": $0] } ?? [:]
      XCTAssertEqual(LogFormat(environment: environment), row.format, row.value ?? "not set")
    }
  }

  func testLevelsAreReadInAnyCase() {
    let rows: [(name: String, level: Logger.Level?)] = [
      ("TRACE", .trace), ("DEBUG", .debug), ("INFO", .info), ("WARN", .warning),
      ("ERROR", .error), ("FATAL", .critical), ("trace", .trace), ("Warn", .warning),
      ("", nil), ("WARNING", nil), ("NOTICE", nil), ("CRITICAL", nil), (" INFO", nil), ("1", nil),
    ]
    for row in rows {
      XCTAssertEqual(Logger.Level(lambdaName: row.name), row.level, row.name)
    }
  }

  func testEveryLevelIsWrittenUnderANameThatLambdaKnows() {
    let names = Logger.Level.allCases.map(\.lambdaName)
    XCTAssertEqual(names, ["TRACE", "DEBUG", "INFO", "INFO", "WARN", "ERROR", "FATAL"])
  }
}
