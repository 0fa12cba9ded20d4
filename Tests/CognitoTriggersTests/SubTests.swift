import CognitoTriggers
import XCTest

final class SubTests: XCTestCase {
  func testACanonicalUUIDInAnyCaseIsOneInLowerCase() throws {
    let text = "f169c7c9-cce4-4952-ba1b-09f309f30dab"
    for spelling in [text, text.uppercased(), "F169c7c9-cCe4-4952-bA1b-09f309f30daB"] {
      let sub = try XCTUnwrap(Sub(spelling), spelling)
      XCTAssertEqual(sub.description, text)
      XCTAssertEqual(Set([sub]), Set([Sub(text)].compactMap(\.self)))
    }
    for text in [
      "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
      "01234567-89ab-cdef-0123-456789abcdef",
    ] {
      XCTAssertEqual(Sub(text)?.description, text)
    }
    XCTAssertNotEqual(Sub("00000000-0000-0000-0000-000000000000"), Sub(text))
  }

  func testEveryOtherTextIsNone() {
    for text in [
      "", "otto-orth-0001", "f169c7c9cce44952ba1b09f309f30dab",
      "{f169c7c9-cce4-4952-ba1b-09f309f30dab}", " f169c7c9-cce4-4952-ba1b-09f309f30dab",
      "f169c7c9-cce4-4952-ba1b-09f309f30dab ", "f169c7c9-cce4-4952-ba1b-09f309f30dab0",
      "f169c7c9-cce4-4952-ba1b-09f309f30da", "f169c7c9-cce4-4952-ba1b-09f309f30da\0",
      "g169c7c9-cce4-4952-ba1b-09f309f30dab", "f169c7c9-cce4-4952-ba1b-09f309f30daG",
      "f169c7c9/cce4-4952-ba1b-09f309f30dab", "f169c7c9-cce4-4952-ba1b_09f309f30dab",
      "f169c7c-9cce4-4952-ba1b-09f309f30dab", "f169-c7c9-cce4-4952-ba1b-09f309f30da",
      "------------------------------------", "f169c7c9--cce4952-ba1b-09f309f30dab",
      // 36 bytes, but not 36 digits; and a digit, but not a hexadecimal one.
      "f169c7c9-cce4-4952-ba1b-09f309f30dä", "f169c7c9-cce4-4952-ba1b-09f309f30d٣",
    ] {
      XCTAssertNil(Sub(text), text)
    }
  }
}
