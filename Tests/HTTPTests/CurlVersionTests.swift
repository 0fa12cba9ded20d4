import HTTP
import XCTest

final class CurlVersionTests: XCTestCase {
  func testOnlyReleasesFrom786OnSign() {
    let rows: [(number: UInt32, text: String, signs: Bool)] = [
      (0, "0.0.0", false), (0x07_4A00, "7.74.0", false), (0x07_4B00, "7.75.0", false),
      (0x07_5501, "7.85.1", false), (0x07_55FF, "7.85.255", false), (0x07_5600, "7.86.0", true),
      (0x07_5801, "7.88.1", true), (0x08_0000, "8.0.0", true), (0x08_0E01, "8.14.1", true),
    ]
    for row in rows {
      let version = CurlVersion(number: row.number)
      XCTAssertEqual(version.description, row.text)
      XCTAssertEqual(version.signs, row.signs, row.text)
    }
  }

  func testTheOneThatRunsHereSigns() {
    XCTAssertTrue(CurlVersion.linked.signs, "\(CurlVersion.linked)")
    XCTAssertGreaterThanOrEqual(CurlVersion.linked, CurlVersion(number: 0x07_5600))
  }

  func testTheErrorNamesBothReleases() {
    XCTAssertEqual(
      HTTPSetUpError.cannotSign(CurlVersion(number: 0x07_4A00)).description,
      "libcurl 7.74.0 cannot sign requests to AWS: install 7.86.0 or later")
  }
}
