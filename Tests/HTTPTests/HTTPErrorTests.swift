import HTTP
import XCTest

final class HTTPErrorTests: XCTestCase {
  func testDescriptionsCarryCurlsCodeAndText() {
    let rows: [(error: HTTPError, text: String)] = [
      (.transport(code: 7, message: "no connection"), "curl error 7: no connection"),
      (.timedOut, "curl error 28: timed out"),
      (.bodyTooLarge(limit: 10), "the response is larger than 10 bytes"),
    ]
    for row in rows { XCTAssertEqual("\(row.error)", row.text) }
  }
}
