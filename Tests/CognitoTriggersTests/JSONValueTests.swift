import Foundation
import XCTest

@testable import CognitoTriggers

final class JSONValueTests: XCTestCase {
  func testEachKindOfValueIsReadAsWhatItIs() throws {
    let rows: [(json: String, value: JSONValue)] = [
      ("null", .null), ("true", .boolean(true)), ("false", .boolean(false)),
      ("0", .number(0)), ("1", .number(1)), ("-1.5e2", .number(-150)),
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
      try decode(#"["\ud800",1e999,"kept",{"\ud83d":1,"a":2}]"#),
      .array([
        .string("\u{FFFD}"), .string("1e999"), .string("kept"),
        .object(["\u{FFFD}": .number(1), "a": .number(2)]),
      ]))
  }

  func testTextIsCompactWithSortedKeysAndPlainSlashes() throws {
    XCTAssertEqual(
      try decode(#" { "b" : [ 1 , true , null ] , "a" : "x/y\"" } "#).jsonText,
      #"{"a":"x/y\"","b":[1,true,null]}"#)
  }

  func testNumbersKeepTheirDigits() throws {
    for json in ["12345678901234567890", "0.1", "-42", "1718000000123", "4.5"] {
      XCTAssertEqual(try decode(json).jsonText, json)
    }
  }

  func testNULIsReplacedInStringsAndNamesAtEveryDepth() throws {
    let value = try decode(#"{"a\u0000":["\u0000",{"b":"c\u0000d"},1],"e":"f"}"#)
    XCTAssertEqual(
      value.withoutNUL,
      .object([
        "a\u{FFFD}": .array([
          .string("\u{FFFD}"), .object(["b": .string("c\u{FFFD}d")]), .number(1),
        ]),
        "e": .string("f"),
      ]))
  }

  func testNamesThatFallTogetherWithoutNULAreOneMember() throws {
    let value = try decode(#"{"a\u0000":1,"a\ufffd":1}"#)
    XCTAssertEqual(value.withoutNUL, .object(["a\u{FFFD}": .number(1)]))
  }

  private func decode(_ json: String) throws -> JSONValue {
    try JSONValue(parsing: Array(json.utf8))
  }
}
