import XCTest

@testable import HTTP

final class ResponseReaderTests: XCTestCase {
  private let reader = ResponseReader(limit: 8)

  func testNamesAreComparedWithoutRegardToCase() {
    receive("HTTP/1.1 200 OK", "LAMBDA-Runtime-aws-Request-ID: 8476A536")
    XCTAssertEqual(reader.headers[lowercased: "lambda-runtime-aws-request-id"], "8476A536")
    XCTAssertNil(reader.headers[lowercased: "lambda-runtime-trace-id"])
  }

  func testValuesAreTrimmedOfBlanksAround() {
    let rows: [(line: String, value: String)] = [
      ("X: a", "a"), ("X:a", "a"), ("X:  \t a b \t ", "a b"), ("X:", ""), ("X:   ", ""),
      ("X: a:b: c", "a:b: c"), ("X: \u{B}\u{C}a", "a"), ("X: é", "é"),
    ]
    for row in rows {
      receive("HTTP/1.1 200 OK", row.line)
      XCTAssertEqual(reader.headers[lowercased: "x"], row.value, row.line)
    }
  }

  func testEachStatusLineStartsTheHeadersAgain() {
    receive("HTTP/1.1 100 Continue", "X: interim", "Y: interim", "")
    receive("HTTP/1.1 200 OK", "X: final", "")
    XCTAssertEqual(reader.headers[lowercased: "x"], "final")
    XCTAssertNil(reader.headers[lowercased: "y"])
  }

  func testTheFirstOfSeveralValuesCounts() {
    receive("HTTP/1.1 200 OK", "X: first", "x: second")
    XCTAssertEqual(reader.headers[lowercased: "x"], "first")
  }

  func testALineWithoutAColonIsNoHeader() {
    receive("HTTP/1.1 200 OK", "nonsense", "X: a")
    XCTAssertNil(reader.headers[lowercased: "nonsense"])
    XCTAssertEqual(reader.headers[lowercased: "x"], "a")
  }

  func testBytesThatAreNoUTF8DoNotHideTheOtherHeaders() {
    receive(bytes: Array("X: ".utf8) + [0xFF, 0x0D, 0x0A])
    receive(bytes: Array("Y: a\r\n".utf8))
    XCTAssertEqual(reader.headers[lowercased: "x"], "\u{FFFD}")
    XCTAssertEqual(reader.headers[lowercased: "y"], "a")
  }

  func testBodyIsCollectedUpToTheLimit() {
    XCTAssertTrue(receive(body: [1, 2, 3]))
    XCTAssertTrue(receive(body: []))
    XCTAssertTrue(receive(body: [4, 5, 6, 7, 8]))
    XCTAssertFalse(reader.isTooLarge)
    XCTAssertEqual(reader.body, [1, 2, 3, 4, 5, 6, 7, 8])

    XCTAssertFalse(receive(body: [9]))
    XCTAssertTrue(reader.isTooLarge)
  }

  func testAnAnnouncedLengthOfAnySizeChangesNothing() {
    for length in ["8", "0", "-1", "9223372036854775807", "99999999999999999999", "many"] {
      reader.restart()
      receive("HTTP/1.1 200 OK", "Content-Length: \(length)")
      XCTAssertTrue(receive(body: [1, 2]), length)
      XCTAssertEqual(reader.body, [1, 2], length)
    }
  }

  func testTheBodyIsGivenAwayOnce() {
    receive(body: [1, 2])
    XCTAssertEqual(reader.takeBody(), [1, 2])
    XCTAssertEqual(reader.takeBody(), [])
  }

  func testRestartingForgetsTheLastResponse() {
    receive("HTTP/1.1 200 OK", "X: a")
    receive(body: [UInt8](repeating: 0, count: 9))
    reader.restart()
    XCTAssertNil(reader.headers[lowercased: "x"])
    XCTAssertEqual(reader.body, [])
    XCTAssertFalse(reader.isTooLarge)
  }

  private func receive(_ lines: String...) {
    for line in lines { receive(bytes: Array("\(line)\r\n".utf8)) }
  }

  private func receive(bytes: [UInt8]) {
    bytes.withUnsafeBytes { reader.receive(headerLine: $0) }
  }

  @discardableResult
  private func receive(body: [UInt8]) -> Bool {
    body.withUnsafeBytes { reader.receive(body: $0) }
  }
}
