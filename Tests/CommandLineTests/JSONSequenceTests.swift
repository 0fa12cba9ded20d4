import XCTest

@testable import CommandLine

final class JSONSequenceTests: XCTestCase {
  /// What is found, each as `line text`, and the fault that ended it.
  private func read(_ text: [UInt8], piece: Int, limit: Int = 100) -> [String] {
    var sequence = JSONSequence(limit: limit)
    var found: [String] = []
    var rest = text[...]
    do {
      repeat {
        sequence.append(Array(rest.prefix(piece)))
        rest = rest.dropFirst(piece)
        while let value = try sequence.next() {
          found.append("\(value.line) \(String(decoding: value.bytes, as: UTF8.self))")
        }
      } while !rest.isEmpty
      sequence.append([])
      while let value = try sequence.next() {
        found.append("\(value.line) \(String(decoding: value.bytes, as: UTF8.self))")
      }
    } catch {
      found.append("\(error)")
    }
    return found
  }

  func testValuesAreToldApartHoweverTheyAreWrittenAndArrive() {
    let rows: [(String, [String])] = [
      ("{}\n{\"a\":1}\n", ["1 {}", "2 {\"a\":1}"]),
      ("{}{\"a\":[1]}[]", ["1 {}", "1 {\"a\":[1]}", "1 []"]),
      ("\r\n\n {\n\"a\"\n:1}\r\n\t{}", ["3 {\n\"a\"\n:1}", "6 {}"]),
      (#"{"a":"}{\"\\"} {"b":"\\\""}"#, [#"1 {"a":"}{\"\\"}"#, #"1 {"b":"\\\""}"#]),
      ("1 true\n\"a b\"null", ["1 1", "1 true", "2 \"a b\"", "2 null"]),
      ("\u{FEFF}{}\n", ["1 {}"]), ("", []), (" \n", []), ("{}", ["1 {}"]), ("12", ["1 12"]),
      (
        String(repeating: "[", count: 49) + String(repeating: "]", count: 49),
        ["1 " + String(repeating: "[", count: 49) + String(repeating: "]", count: 49)]
      ),
    ]
    for (text, expected) in rows {
      for piece in [1, 2, 3, 1000] {
        XCTAssertEqual(read(Array(text.utf8), piece: piece), expected, "\(text) by \(piece)")
      }
    }
  }

  func testAFaultNamesItsLineAndWhatStandsBeforeItIsRead() {
    let rows: [(String, [String])] = [
      ("{}\nnot JSON\n{}", ["1 {}", "notJSON(line: 2)"]),
      ("{}\n{\n\"a\" 1}", ["1 {}", "notJSON(line: 3)"]),
      ("{}\n\n{\"a\":", ["1 {}", "cutOff(line: 3)"]), ("\n\"a", ["cutOff(line: 2)"]),
      ("}", ["notJSON(line: 1)"]), ("{]", ["notJSON(line: 1)"]), ("1,2", ["notJSON(line: 1)"]),
      ("[1]\n[\(String(repeating: "1,", count: 60))1]", ["1 [1]", "tooLong(line: 2)"]),
    ]
    for (text, expected) in rows {
      for piece in [1, 5, 1000] {
        XCTAssertEqual(read(Array(text.utf8), piece: piece), expected, "\(text) by \(piece)")
      }
    }
    XCTAssertEqual(read([0x22, 0xFF, 0x22], piece: 1), ["notJSON(line: 1)"])
  }
}
