import JSON
import XCTest

@testable import CognitoTriggers

final class JSONValueNULTests: XCTestCase {
  func testNULIsReplacedInStringsAndNamesAtEveryDepth() {
    let value = JSONValue.object([
      "a\0": .array([.string("\0"), .object(["b": .string("c\0d")]), .number(1)]),
      "e": .string("f"),
    ])
    XCTAssertEqual(
      value.withoutNUL,
      .object([
        "a\u{FFFD}": .array([
          .string("\u{FFFD}"), .object(["b": .string("c\u{FFFD}d")]), .number(1),
        ]),
        "e": .string("f"),
      ]))
  }

  func testNamesThatFallTogetherWithoutNULAreOneMember() {
    let value = JSONValue.object(["a\0": .number(1), "a\u{FFFD}": .number(2)])
    XCTAssertEqual(value.withoutNUL, .object(["a\u{FFFD}": .number(2)]))
  }
}
