import Foundation
import XCTest

@testable import TokenVerification

final class Base64URLTests: XCTestCase {
  private func encoded(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
      .replacing("=", with: "")
  }

  func testWhatIsEncodedComesBack() {
    for count in 0...70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ count &* 31) }
      XCTAssertEqual(Base64URL.decoded(encoded(bytes).utf8), bytes, encoded(bytes))
    }
  }

  /// Of all texts of two and three characters just one decodes to each byte and pair of bytes.
  func testNoTwoTextsAreTheSameBytes() {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var pairs: [[UInt8]] = []
    var triples = 0
    for first in alphabet {
      for second in alphabet {
        if let bytes = Base64URL.decoded([first, second]) { pairs.append(bytes) }
        for third in alphabet where Base64URL.decoded([first, second, third]) != nil {
          triples += 1
        }
      }
    }
    XCTAssertEqual(pairs.count, 256)
    XCTAssertEqual(Set(pairs).count, 256)
    XCTAssertEqual(triples, 65_536)
  }

  func testOtherTextsAreNone() {
    for text in [
      "A", "AAAAA", "AA==", "AA=", "=", "AA AA", "AAAA\n", "AA+A", "AA/A", "é", "AB", "AAB",
    ] {
      XCTAssertNil(Base64URL.decoded(text.utf8), text)
    }
  }
}
