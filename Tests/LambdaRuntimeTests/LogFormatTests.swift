import XCTest

@testable import LambdaRuntime

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
