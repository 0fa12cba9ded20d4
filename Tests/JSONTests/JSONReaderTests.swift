import Foundation
import TestSupport
import XCTest

@testable import JSON

final class JSONReaderTests: XCTestCase {
  func testEachKindOfValue() throws {
    let rows: [(String, JSONValue)] = [
      ("null", .null), (" true ", .boolean(true)), ("\tfalse\r\n", .boolean(false)),
      ("0", .number(0)), ("-0", try number("-0")), ("12", .number(12)),
      ("-1.50e+2", try number("-1.50e+2")), ("1E2", try number("1E2")), ("[]", .array([])),
      ("[ ]", .array([])), ("{ }", .object([:])),
      ("[1 , [2]]", .array([.number(1), .array([.number(2)])])),
      (#"{"a" : {"b":null} , "c":[] }"#, .object(["a": .object(["b": .null]), "c": .array([])])),
      (#"{"":1}"#, .object(["": .number(1)])), (#"{"a":1,"a":2}"#, .object(["a": .number(2)])),
    ]
    for (json, value) in rows { XCTAssertEqual(try read(json), value, json) }
  }

  func testStringsAndTheirEscapes() throws {
    let rows: [(String, String)] = [
      ("", ""), ("é😀\u{7F}", "é😀\u{7F}"), (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"),
      (#"\u00e9\u00C9"#, "éÉ"), (#"\ud83d\ude00!"#, "😀!"), (#"\uD83D\uDE00"#, "😀"),
      (#"\udbff\udfff"#, "\u{10FFFF}"), (#"\ud800\udc00"#, "\u{10000}"), (#"\uffff"#, "\u{FFFF}"),
      // What neither Swift nor PostgreSQL could hold.
      (#"a\u0000b"#, "a\u{FFFD}b"), (#"a\ud83d"#, "a\u{FFFD}"), (#"\ude00a"#, "\u{FFFD}a"),
      (#"\ud83dx"#, "\u{FFFD}x"), (#"\ud83d\n"#, "\u{FFFD}\n"), (#"\ud83d\\"#, "\u{FFFD}\\"),
      (#"\ude00\ud83d"#, "\u{FFFD}\u{FFFD}"), (#"\ud83d\ud83d\ude00"#, "\u{FFFD}😀"),
      (#"\ud83d\u0041"#, "\u{FFFD}A"),
    ]
    for (json, string) in rows {
      XCTAssertEqual(try read("\"\(json)\""), .string(string), json)
      XCTAssertEqual(try read("{\"\(json)\":1}"), .object([JSONKey(string): .number(1)]), json)
    }
  }

  func testWhatNoTextInPostgreSQLHoldsIsRefusedWhereThatIsWished() throws {
    for json in [#"\u0000"#, #"a\ud83d"#, #"\ude00a"#, #"\ud83d\n"#, #"\ud83d\u0041"#] {
      for json in [#""\#(json)""#, #"[1,"\#(json)"]"#, #"{"\#(json)":1}"#] {
        XCTAssertThrowsError(try JSONValue(parsing: Array(json.utf8), unstorable: .refused), json) {
          XCTAssertEqual($0 as? JSONError, .malformed)
        }
      }
    }
    XCTAssertEqual(
      try JSONValue(parsing: Array(#""\ud83d\ude00\ufffd""#.utf8), unstorable: .refused),
      .string("😀\u{FFFD}"))
  }

  func testWhatIsNoJSONIsMalformed() {
    let rows = [
      "", " ", "nul", "nullx", "True", "tru", "+1", "01", "-", "1.", ".5", "1e", "1e+", "0x1",
      "NaN",
      "--1", "1 2", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "}", "{\"a\"", "{\"a\":",
      "{\"a\":}",
      "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{1:1}", "{\"a\" 1}", "{,}", "[1}",
      "{\"a\":1]",
      "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud83d\\u12\"", "\"\n\"",
      "\"\u{1}\"",
      "'a'", "/**/1", "1//", "\u{FEFF}1", "\0", "\"\0\"", "[]\0", "\u{A0}1",
    ]
    for json in rows {
      XCTAssertThrowsError(try read(json), json) { XCTAssertEqual($0 as? JSONError, .malformed) }
      // What is skipped is read with the same care.
      XCTAssertThrowsError(try skip(json), json) { XCTAssertEqual($0 as? JSONError, .malformed) }
    }
  }

  func testNestingEndsAtTheLimit() throws {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
      let width = open.contains("[{") ? 2 : 1
      func nested(_ depth: Int) -> String {
        String(repeating: open, count: depth / width) + "1"
          + String(repeating: close, count: depth / width)
      }
      XCTAssertNoThrow(try read(nested(JSONReader.depthLimit)))
      for deep in [nested(JSONReader.depthLimit + 2), nested(100_000)] {
        XCTAssertThrowsError(try read(deep)) { XCTAssertEqual($0 as? JSONError, .tooDeep) }
        XCTAssertThrowsError(try skip(deep)) { XCTAssertEqual($0 as? JSONError, .tooDeep) }
      }
    }
    let wide = "[" + Array(repeating: "[[]]", count: 1000).joined(separator: ",") + "]"
    XCTAssertNoThrow(try read(wide))
  }

  func testAValueOfItsOwnHasItsOwnDepthAndIsPassedOverWhereThatIsTooMuch() throws {
    let limit = JSONReader.depthLimit
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth - 1) + #"{"]}":"\"}]"}"#
        + String(repeating: "]", count: depth - 1)
    }
    func read(_ text: String) throws -> [Bool] {
      var reader = try JSONReader(Array(text.utf8))
      var areThere: [Bool] = []
      try reader.elements { (reader) throws(JSONError) in
        areThere.append(try reader.valueOfItsOwn() != nil)
      }
      try reader.end()
      return areThere
    }
    let elements = [nested(limit), nested(limit + 1), " 1", nested(100_000), nested(1)]
    XCTAssertEqual(
      try read("[\(elements.joined(separator: " , "))]"), [true, false, true, false, true])
    // After it the depth around it counts again.
    for (depth, isRead) in [(limit - 1, true), (limit, false)] {
      var reader = try JSONReader(Array("[\(nested(limit)),\(nested(depth))]".utf8))
      var isFirst = true
      let rest = Result { () throws(JSONError) in
        try reader.elements { (reader) throws(JSONError) in
          _ = isFirst ? try reader.valueOfItsOwn() : try reader.value()
          isFirst = false
        }
      }
      switch rest {
      case .success: XCTAssertTrue(isRead)
      case .failure(let error): XCTAssertEqual(error, isRead ? nil : .tooDeep)
      }
    }
    for broken in ["[\(nested(limit + 1))", "[\(nested(100_000).dropLast(1))", "[1"] {
      XCTAssertThrowsError(try read(broken)) { XCTAssertEqual($0 as? JSONError, .malformed) }
    }
  }

  func testInvalidUTF8IsNamed() {
    XCTAssertThrowsError(try JSONValue(parsing: [0x22, 0xFF, 0x22])) {
      XCTAssertEqual($0 as? JSONError, .notUTF8)
    }
  }

  func testKeysThatUnicodeHoldsEqualAreTwoKeys() throws {
    let (composed, decomposed): (JSONKey, JSONKey) = ("\u{E9}", "e\u{301}")
    let json = #"{"\u00e9":1,"e\u0301":2}"#
    let value = try read(json)
    XCTAssertEqual(value, .object([composed: .number(1), decomposed: .number(2)]))
    XCTAssertEqual(value.jsonText, "{\"e\u{301}\":2,\"\u{E9}\":1}", "in the order of the bytes")
    // The Kelvin sign, which Unicode holds equal to the letter.
    let place = try JSONPlace(of: ["K"], in: JSONReader(Array(#"{"\u212a":1,"K":2}"#.utf8)))
    XCTAssertEqual(place, .present(16..<17))
  }

  func testKeysAreComparedAndSortedByTheirBytes() {
    // In the order of their bytes; longer than what Swift keeps within a string's own value, too.
    let long = String(repeating: "a", count: 40)
    let sorted = [
      "", "\0", "A", "K", "a", "aa", long, long + "b", "a\u{307}\u{323}", "a\u{323}\u{307}",
      "e\u{301}", "\u{C5}", "\u{E9}", "\u{1E00}", "\u{212A}", "\u{212B}", "\u{FEFF}", "😀",
    ].map { JSONKey($0) }
    for (place, key) in sorted.enumerated() {
      for (other, otherKey) in sorted.enumerated() {
        XCTAssertEqual(key == otherKey, place == other, "\(key) \(otherKey)")
        XCTAssertEqual(key < otherKey, place < other, "\(key) \(otherKey)")
      }
    }
    XCTAssertEqual(Set(sorted + sorted).count, sorted.count)
  }

  func testAByteOrderMarkIsPassedOverWhereThatIsAllowed() throws {
    let bytes: [UInt8] = [0xEF, 0xBB, 0xBF] + Array("{}".utf8)
    var reader = try JSONReader(bytes, allowsByteOrderMark: true)
    XCTAssertEqual(try reader.value(), .object([:]))
    XCTAssertNoThrow(try reader.end())
    XCTAssertThrowsError(try JSONValue(parsing: bytes))
    var twice = try JSONReader(bytes.prefix(3) + bytes, allowsByteOrderMark: true)
    XCTAssertThrowsError(try twice.value())
  }

  func testEveryFixtureIsReadAsFoundationReadsIt() throws {
    for file in try TestEnvironment.fixtureFiles(in: "events") {
      let data = try Data(contentsOf: file)
      let again = Data(try JSONValue(parsing: Array(data)).jsonText.utf8)
      let (ours, theirs) = try (object(again), object(data))
      // What is read differently on purpose.
      let name = file.lastPathComponent
      let isOdd = ["nul-in", "duplicate", "big-numbers"].contains(where: name.contains)
      if !isOdd { XCTAssertEqual(ours, theirs, name) }
    }
  }

  private func object(_ json: Data) throws -> NSDictionary? {
    try JSONSerialization.jsonObject(with: json) as? NSDictionary
  }

  private func number(_ text: String) throws -> JSONValue {
    .number(try XCTUnwrap(JSONNumber(text)))
  }

  private func read(_ json: String) throws -> JSONValue { try JSONValue(parsing: Array(json.utf8)) }

  private func skip(_ json: String) throws {
    var reader = try JSONReader(Array(json.utf8))
    let value = try reader.value(isWanted: false)
    XCTAssertEqual(value, .null)
    try reader.end()
  }
}
