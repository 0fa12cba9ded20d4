import XCTest

@testable import UserImport

final class CSVReaderTests: XCTestCase {
  private func records(_ text: String, chunk: Int = .max) throws -> [[String]] {
    try records(Array(text.utf8), chunk: chunk)
  }

  private func records(_ bytes: [UInt8], chunk: Int) throws -> [[String]] {
    var reader = CSVReader()
    var found: [CSVReader.Record] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      found += try reader.read(Array(rest.prefix(chunk)))
      rest = rest.dropFirst(chunk)
    }
    found += try reader.end()
    return found.map { $0.fields.map { $0 ?? "no text" } }
  }

  func testRecordsAreThoseOfRFC4180InWhateverChunksTheyCome() throws {
    let rows: [(text: String, records: [[String]])] = [
      ("", []), ("\n", []), ("\r\n\r\n", []), ("\u{FEFF}", []),
      ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
      ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
      ("\u{FEFF}a\n\n1\n", [["a"], ["1"]]),
      (",\n,,", [["", ""], ["", "", ""]]),
      ("\"a,b\",\"c\"\"d\",\"\"\n", [["a,b", "c\"d", ""]]),
      ("\"two\nlines\",\"\r\n\"\r\nx,y", [["two\nlines", "\r\n"], ["x", "y"]]),
      ("Ärger,日本\n", [["Ärger", "日本"]]),
      ("\"\"", [[""]]),
    ]
    for row in rows {
      for chunk in [1, 2, 3, 1000] {
        XCTAssertEqual(try records(row.text, chunk: chunk), row.records, row.text.debugDescription)
      }
    }
    XCTAssertEqual(try records([0x61, 0x2C, 0xFF, 0x0A], chunk: 1), [["a", "no text"]])
    XCTAssertEqual(try records([0xEF, 0xBB], chunk: 1), [["no text"]])
  }

  func testWhatIsWrongIsToldByItsLine() {
    let rows: [(text: String, error: CSVError)] = [
      ("a\n\"b", .openQuote(line: 2)), ("a\nb\"c\n", .strayQuote(line: 2)),
      ("\"a\"b", .strayQuote(line: 1)), ("\"1\n2\"\na\rb", .strayReturn(line: 3)),
      ("a\r", .strayReturn(line: 1)),
      ("a\n" + String(repeating: "x", count: CSVReader.recordLimit + 1), .tooLong(line: 2)),
    ]
    for row in rows {
      XCTAssertThrowsError(try records(row.text)) { error in
        XCTAssertEqual(error as? CSVError, row.error)
        XCTAssertTrue("\(error)".hasPrefix("line "))
      }
    }
  }
}
