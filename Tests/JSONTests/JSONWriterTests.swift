import Foundation
import JSON
import XCTest

final class JSONWriterTests: XCTestCase {
  func testEveryLowCharacterComesBackAsItWas() throws {
    for code in UInt32(0)...255 {
      let character = String(try XCTUnwrap(Unicode.Scalar(code)))

      let bytes = object { $0.member("<\(character)>", "a\(character)b") }

      XCTAssertEqual(
        try parsed(bytes), ["<\(character)>": "a\(character)b"], "U+\(String(code, radix: 16))")
      XCTAssertFalse(bytes.contains { $0 < 0x20 }, "U+\(String(code, radix: 16))")
    }
  }

  func testCharactersBeyondTheFirstPlaneStayWhatTheyAre() throws {
    let bytes = object { $0.member("name", "Åsa 李 👩🏽‍🚀 \u{2028}") }
    XCTAssertEqual(try parsed(bytes), ["name": "Åsa 李 👩🏽‍🚀 \u{2028}"])
  }

  func testMembersAreSeparatedAndKeepTheirOrder() {
    let bytes = object { json in
      json.member("b", "1")
      json.key("a")
      json.raw("[2]")
      json.member("", "")
      json.member("c", 3)
    }
    XCTAssertEqual(String(decoding: bytes, as: UTF8.self), #"{"b":"1","a":[2],"":"","c":3}"#)
  }

  func testNothingAppendedIsAnEmptyObject() {
    XCTAssertEqual(String(decoding: object { _ in }, as: UTF8.self), "{}")
  }

  func testAValueThatIsMissingIsLeftOutWithItsKey() {
    let bytes = object { json in
      json.member("a", String?.none)
      json.member("b", true)
      json.member("c", Int?.none)
    }
    XCTAssertEqual(String(decoding: bytes, as: UTF8.self), #"{"b":true}"#)
  }

  /// Whatever the value before ends in, and whether or not it is a container, what follows is separated from it.
  func testValuesInContainersAreSeparated() {
    let values: [JSONValue] = [
      .array([]), .object([:]), .string("["), .string(""), .string("a:"), .string("{"), .null,
      .boolean(false), .number(-1), .array([.array([]), .number(2)]), .object(["k": .object([:])]),
    ]
    XCTAssertEqual(
      values.jsonText, #"[[],{},"[","","a:","{",null,false,-1,[[],2],{"k":{}}]"#)
    for (index, value) in values.enumerated() {
      XCTAssertEqual(
        String(
          decoding: object { json in
            json.member("a", value)
            json.member("b", values[..<index].last)
          }, as: UTF8.self),
        index == 0
          ? #"{"a":[]}"# : "{\"a\":\(value.jsonText),\"b\":\(values[index - 1].jsonText)}")
    }
  }

  func testTextsAreWrittenWithWhatTheyAreOf() {
    XCTAssertEqual([["a"], [], ["b", "c"]].jsonText, #"[["a"],[],["b","c"]]"#)
    XCTAssertEqual([Int.min, 0, Int.max].jsonText, "[\(Int.min),0,\(Int.max)]")
    XCTAssertEqual([true, false].jsonText, "[true,false]")
  }

  private func object(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
    var json = JSONWriter(capacity: 8)
    json.object(members)
    return json.finished()
  }

  private func parsed(_ bytes: [UInt8]) throws -> NSDictionary? {
    try JSONSerialization.jsonObject(with: Data(bytes)) as? NSDictionary
  }
}
