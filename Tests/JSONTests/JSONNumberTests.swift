import XCTest

@testable import JSON

final class JSONNumberTests: XCTestCase {
  private static let nines = String(repeating: "9", count: JSONNumber.lengthLimit)

  func testEveryNumberOfAUsualSizeKeepsItsText() throws {
    for text in [
      "0", "-0", "42", "-4.5", "0.1", "1.50", "12345678901234567890", "1718000000123", "1e5",
      "1E+5",
      "-1.25e-7", "1e1000", "1e-1000", "1e0000000001000", Self.nines,
    ] {
      XCTAssertEqual(JSONNumber(text)?.text, text)
      XCTAssertEqual(try JSONValue(parsing: Array(text.utf8)).jsonText, text)
    }
  }

  func testOneThatIsTooLargeIsKeptAsAString() throws {
    for text in [
      "1e1001", "-1E+1001", "1e-1001", "1e999999999999999999999", Self.nines + "9",
      "0.\(Self.nines)",
      "1e\(Self.nines)",
    ] {
      XCTAssertNil(JSONNumber(text), text)
      XCTAssertEqual(try JSONValue(parsing: Array(text.utf8)), .string(text))
    }
  }

  func testWhatIsNoNumberIsNone() {
    for text in [
      "", " ", " 1", "1 ", "+1", "01", "1.", ".5", "1e", "0x1", "NaN", "[1]", "\"1\"", "1\0",
    ] {
      XCTAssertNil(JSONNumber(text), text)
    }
  }

  func testTwoAreEqualWhenTheirTextsAre() {
    XCTAssertEqual(JSONNumber("17"), 17)
    XCTAssertEqual(JSONNumber(-17), -17)
    XCTAssertEqual("\(JSONNumber(Int.min))", "-9223372036854775808")
    XCTAssertNotEqual(JSONNumber("1.0"), 1)
  }

  func testANumberIsRoundedToTheThousandthAndNoLongerThanItNeedsToBe() {
    let rows: [(value: Double, text: String)] = [
      (0, "0"), (-0.0, "0"), (1, "1"), (1.5, "1.5"), (0.0004, "0"), (0.0005, "0.001"),
      (2.0004, "2"),
      (-1.2346, "-1.235"), (1234567.8911, "1234567.891"),
      (9_007_199_254_740_992, "9007199254740992"),
      (.infinity, "0"), (-.infinity, "0"), (.nan, "0"),
    ]
    for row in rows {
      XCTAssertEqual(JSONNumber(toThousandth: row.value).text, row.text, "\(row.value)")
    }
  }
}
