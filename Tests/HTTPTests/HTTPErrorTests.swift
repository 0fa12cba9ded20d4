import HTTP
import XCTest

final class HTTPErrorTests: XCTestCase {
  func testDescriptionsCarryCurlsCodeAndText() {
    let rows: [(error: HTTPError, text: String)] = [
      (.transport(code: 7, message: "no connection"), "curl error 7: no connection"),
      (.timedOut, "curl error 28: timed out"),
      (.noTLS, "the server does not speak TLS (is its URL one with http://?)"),
      (.bodyTooLarge(limit: 10), "the response is larger than 10 bytes"),
    ]
    for row in rows { XCTAssertEqual("\(row.error)", row.text) }
  }

  func testWhatMayPassByItselfIsTransient() {
    let rows: [(error: HTTPError, isTransient: Bool)] = [
      (.timedOut, true), (.noTLS, false), (.bodyTooLarge(limit: 1), false),
      (.transport(code: 1, message: "protocol"), false),
      (.transport(code: 3, message: "URL"), false),
      (.transport(code: 5, message: "proxy's name"), true),
      (.transport(code: 6, message: "name"), true),
      (.transport(code: 7, message: "refused"), true),
      (.transport(code: 27, message: "memory"), false),
      (.transport(code: 35, message: "TLS"), true),
      (.transport(code: 48, message: "option"), false),
      (.transport(code: 52, message: "nothing"), true),
      (.transport(code: 55, message: "sending"), true),
      (.transport(code: 56, message: "receiving"), true),
      (.transport(code: 60, message: "certificate"), false),
      (.transport(code: 77, message: "bundle"), false),
    ]
    for row in rows { XCTAssertEqual(row.error.isTransient, row.isTransient, "\(row.error)") }
  }

  func testTroubleWithCertificatesIsKnown() {
    for code in [60, 77, 82, 83] {
      XCTAssertTrue(HTTPError.transport(code: code, message: "").isAboutCertificates, "\(code)")
    }
    XCTAssertFalse(HTTPError.transport(code: 35, message: "").isAboutCertificates)
    XCTAssertFalse(HTTPError.timedOut.isAboutCertificates)
  }
}
