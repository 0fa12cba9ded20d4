import Clock
import CognitoAPI
import XCTest

@testable import CommandLine

final class RetryNoticeTests: XCTestCase {
  func testTheSameIsToldNoMoreThanEveryHalfMinute() {
    let start = Instant.now()
    let rows: [(error: CognitoError, seconds: Int, isTold: Bool)] = [
      (.internalError(status: 502), 0, true), (.internalError(status: 502), 1, false),
      (.throttled, 2, true), (.throttled, 3, false), (.internalError(status: 502), 4, true),
      (.internalError(status: 502), 33, false), (.internalError(status: 502), 34, true),
    ]
    var notice = RetryNotice()
    for row in rows {
      let line = notice.line(
        row.error.description, until: "08:35:10", at: start.advanced(by: .seconds(row.seconds)))
      XCTAssertEqual(
        line, row.isTold ? "\(row.error); trying again until 08:35:10, ^C ends" : nil, "\(row)")
    }
  }
}
