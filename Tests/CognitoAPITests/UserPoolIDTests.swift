import CognitoAPI
import XCTest

final class UserPoolIDTests: XCTestCase {
  func testTheRegionIsWhatStandsBeforeTheUnderscore() throws {
    for (text, region) in [
      ("eu-central-1_a1B2c3D4e", "eu-central-1"), ("us-gov-west-1_X", "us-gov-west-1"),
      ("local_1", "local"), ("eu-central-1_\(String(repeating: "a", count: 42))", "eu-central-1"),
    ] {
      let id = try XCTUnwrap(UserPoolID(text), text)
      XCTAssertEqual(id.region, region)
      XCTAssertEqual(id.text, text)
      XCTAssertEqual("\(id)", text)
    }
  }

  func testOtherTextIsNoID() {
    for text in [
      "", "_", "eu-central-1", "eu-central-1_", "_a", "eu_central_1", "eu-central-1_a_b",
      "eu-central-1_a.example.com", "evil.example/_a", "eu central_a", "eu-central-1_ä", " a_b",
      "a_b\n", "a@b_c", "eu-central-1_\(String(repeating: "a", count: 43))",
    ] {
      XCTAssertNil(UserPoolID(text), text)
    }
  }
}
