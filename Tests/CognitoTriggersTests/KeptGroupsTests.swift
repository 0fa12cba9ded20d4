import CognitoTriggers
import XCTest

final class KeptGroupsTests: XCTestCase {
  func testANameIsKeptAsItIsAndABeginningBeforeAStar() throws {
    let rows: [(text: String, kept: [String], others: [String])] = [
      ("a", ["a"], ["", "A", "ab", "b"]), ("a*", ["a", "ab", "a*"], ["", "A", "ba"]),
      (" a , b* ", ["a", "b", "b c"], ["ab", " a"]), ("*", ["", "anything"], []),
      ("eu-central-1_ExaMPLe01_*", ["eu-central-1_ExaMPLe01_AcmeSAML"], ["eu-central-1_ExaMPLe01"]),
      // Two ways to write one letter are two names.
      ("\u{e9}", ["\u{e9}"], ["e\u{301}"]), ("e*", ["e\u{301}"], ["\u{e9}"]),
    ]
    for row in rows {
      let groups = try XCTUnwrap(KeptGroups(row.text), row.text)
      for name in row.kept { XCTAssertTrue(groups.contains(name), "\(row.text): \(name)") }
      for name in row.others { XCTAssertFalse(groups.contains(name), "\(row.text): \(name)") }
    }
  }

  func testWhatIsNoGroupsNameIsRefused() {
    let long = String(repeating: "a", count: 128)
    for text in [
      "", " ", ",", "a,", ",a", "a,,b", "a b", "a\tb", "a\u{0}", "*a", "a*b", "a**", "\(long)a",
      "\(long)a*", "a\u{a0}b",
    ] {
      XCTAssertNil(KeptGroups(text), text)
    }
    for text in [long, "\(long)*", "ä", "😀,b"] { XCTAssertNotNil(KeptGroups(text), text) }
  }
}
