import Glibc
import XCTest

@testable import Settings

final class ProcessEnvironmentTests: XCTestCase {
  func testItIsThatOfTheProcess() {
    setenv("POOLTABLE_TEST_VARIABLE", "a=b", 1)
    defer { unsetenv("POOLTABLE_TEST_VARIABLE") }
    let environment = Environment.ofProcess()
    XCTAssertEqual(environment["POOLTABLE_TEST_VARIABLE"], "a=b")
    XCTAssertEqual(environment["PATH"], getenv("PATH").map { String(cString: $0) })
    XCTAssertEqual(environment, Environment(ProcessInfo.processInfo.environment))
  }

  func testAnEntryIsSplitAtItsFirstEqualsSign() {
    let rows: [(entries: [[UInt8]], variables: [String: String])] = [
      ([], [:]),
      ([Array("A=1".utf8), Array("B=".utf8)], ["A": "1", "B": ""]),
      ([Array("A==1=".utf8)], ["A": "=1="]),
      ([Array("A=1".utf8), Array("A=2".utf8)], ["A": "1"]),
      ([Array("A".utf8), Array("=1".utf8), [], Array("B=2".utf8)], ["B": "2"]),
      ([Array("Ä=ö 😀".utf8)], ["Ä": "ö 😀"]),
      // A combining mark after the sign makes one character of the two.
      ([Array("A=\u{301}".utf8)], ["A": "\u{301}"]),
      (
        [Array("A=x".utf8) + [0xFF], [0xFE] + Array("=y".utf8)],
        ["A": "x\u{FFFD}", "\u{FFFD}": "y"]
      ),
    ]
    for row in rows {
      var entries = row.entries.map { bytes in
        strdup(bytes.map { CChar(bitPattern: $0) } + [0])
      }
      defer { for entry in entries { free(entry) } }
      entries.append(nil)
      let environment = entries.withUnsafeMutableBufferPointer { buffer in
        buffer.baseAddress.map { Environment(entries: $0) }
      }
      XCTAssertEqual(environment, Environment(row.variables))
    }
  }
}
