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
}
