import LambdaRuntime
import XCTest

final class RuntimeCallTests: XCTestCase {
  private typealias Row = (statuses: ClosedRange<Int>, decision: StatusDecision)

  private let afterNext: [Row] = [
    (200...200, .goOn),
    (201...599, .exit),
  ]

  private let afterAnswer: [Row] = [
    (200...201, .logAndGoOn),
    (202...202, .goOn),
    (203...299, .logAndGoOn),
    (300...399, .exit),
    (400...400, .logAndGoOn),
    (401...402, .logAndGoOn),
    (403...403, .logAndGoOn),
    (404...409, .logAndGoOn),
    (410...410, .logAndGoOn),
    (411...412, .logAndGoOn),
    (413...413, .logAndGoOn),
    (414...499, .logAndGoOn),
    (500...500, .exit),
    (501...599, .exit),
  ]

  func testOnlyStatus200OfNextBringsAnEvent() {
    assert(.next, decidesAs: afterNext)
  }

  func testOnlyABrokenEnvironmentEndsTheProcessAfterAResponse() {
    assert(.response, decidesAs: afterAnswer)
  }

  func testOnlyABrokenEnvironmentEndsTheProcessAfterAnError() {
    assert(.error, decidesAs: afterAnswer)
  }

  private func assert(_ call: RuntimeCall, decidesAs rows: [Row], line: UInt = #line) {
    XCTAssertEqual(rows.flatMap { Array($0.statuses) }, Array(200...599), line: line)
    for row in rows {
      for status in row.statuses {
        XCTAssertEqual(
          call.decision(forStatus: status), row.decision, "\(call) \(status)", line: line)
      }
    }
  }
}
