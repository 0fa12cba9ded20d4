import Foundation
import JSON
import XCTest

final class JSONValueTests: XCTestCase {
  func testEachKindOfValueIsReadAsWhatItIs() throws {
    let rows: [(json: String, value: JSONValue)] = [
      ("null", .null), ("true", .boolean(true)), ("false", .boolean(false)),
      ("0", .number(0)), ("1", .number(1)), ("-15", .number(-15)),
      (#""""#, .string("")), (#""true""#, .string("true")), (#""1""#, .string("1")),
      ("[]", .array([])), ("{}", .object([:])),
      (
        #"[null,[1],{"a":false}]"#,
        .array([.null, .array([.number(1)]), .object(["a": .boolean(false)])])
      ),
    ]
    for row in rows { XCTAssertEqual(try decode(row.json), row.value, row.json) }
  }

  func testWhatSwiftCannotHoldIsReplacedBesideValuesThatAreKept() throws {
    XCTAssertEqual(
      try decode(#"["\ud800",1e9999,"kept",{"\ud83d":1,"a":2}]"#),
      .array([
        .string("\u{FFFD}"), .string("1e9999"), .string("kept"),
        .object(["\u{FFFD}": .number(1), "a": .number(2)]),
      ]))
  }

  func testTextIsCompactWithSortedKeysAndPlainSlashes() throws {
    XCTAssertEqual(
      try decode(#" { "b" : [ 1 , true , null ] , "a" : "x/y\"" } "#).jsonText,
      #"{"a":"x/y\"","b":[1,true,null]}"#)
  }

  func testOnlyAStringHasATextAndOnlyAnObjectMembers() throws {
    XCTAssertEqual(try decode(#""a""#).string, "a")
    XCTAssertEqual(try decode(#"{"a":1}"#).object, ["a": .number(1)])
    for json in ["null", "true", "1", "[]"] {
      XCTAssertNil(try decode(json).string, json)
      XCTAssertNil(try decode(json).object, json)
    }
  }

  func testControlCharactersAreEscapedAndNothingElseIs() throws {
    for code in UInt32(0)...255 {
      let string = "a\(String(try XCTUnwrap(Unicode.Scalar(code))))b"
      let text = JSONValue.string(string).jsonText
      XCTAssertFalse(text.utf8.contains { $0 < 0x20 }, "U+\(String(code, radix: 16))")
      let isEscaped = code < 0x20 || string == "a\"b" || string == "a\\b"
      XCTAssertEqual(text == "\"\(string)\"", !isEscaped, "U+\(String(code, radix: 16))")
      let again = try JSONSerialization.jsonObject(
        with: Data(text.utf8), options: .fragmentsAllowed)
      XCTAssertEqual(again as? String, string, "U+\(String(code, radix: 16))")
    }
  }

  private func decode(_ json: String) throws -> JSONValue {
    try JSONValue(parsing: Array(json.utf8))
  }
}
