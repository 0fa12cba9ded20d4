import LambdaRuntime
import XCTest

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

  func testLevelsAreOrderedFromTheLeastGrave() {
    let names = LogLevel.allCases.shuffled().sorted().map(\.lambdaName)
    XCTAssertEqual(names, ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"])
  }
}
