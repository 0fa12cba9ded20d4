import HTTP
import XCTest

final class PercentEncodingTests: XCTestCase {
  func testLeavesTheUnreservedCharactersOnly() {
    let table = [
      ("", ""), ("AZaz09-._~", "AZaz09-._~"), (" ", "%20"), ("+", "%2B"), ("*", "%2A"),
      ("/", "%2F"), ("%", "%25"), ("\u{1}", "%01"), ("\n\u{1}", "%0A%01"), ("\u{7F}", "%7F"),
      ("ü", "%C3%BC"), ("é", "%C3%A9"), ("😀", "%F0%9F%98%80"), ("arn:aws:x", "arn%3Aaws%3Ax"),
      ("8476a536-e9f4-11e8-9739-2dfe598c3fcd", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
    ]
    for (plain, encoded) in table { XCTAssertEqual(percentEncoded(plain), encoded) }
  }
}
