import XCTest

@testable import LocalLambda

final class RuntimeRequestTests: XCTestCase {
  private let post = Array(
    "POST /a/b HTTP/1.1\r\nHost: x\r\nX-Mixed-CASE:  a: b\r\nContent-Length: 4\r\n\r\n\r\n\0\u{7F}"
      .utf8)
  private let get = Array("GET /next HTTP/1.1\r\nHost: x\r\n\r\n".utf8)

  func testAWholeRequestIsTaken() throws {
    var parser = RuntimeRequestParser()
    parser.append(post)
    XCTAssertEqual(try parser.next(), expectedPost)
    XCTAssertNil(try parser.next())
  }

  func testARequestInSingleBytesIsTakenWithItsLast() throws {
    var parser = RuntimeRequestParser()
    for byte in post.dropLast() {
      parser.append([byte])
      XCTAssertNil(try parser.next())
    }
    parser.append(post.suffix(1))
    XCTAssertEqual(try parser.next(), expectedPost)
  }

  func testARequestCutInTwoAnywhereIsTaken() throws {
    for cut in post.indices {
      var parser = RuntimeRequestParser()
      parser.append(post[..<cut])
      XCTAssertNil(try parser.next(), "cut at \(cut)")
      parser.append(post[cut...])
      XCTAssertEqual(try parser.next(), expectedPost, "cut at \(cut)")
    }
  }

  func testTwoRequestsInOneReadAreTakenOneAfterTheOther() throws {
    var parser = RuntimeRequestParser()
    parser.append(post + get + post.prefix(10))
    XCTAssertEqual(try parser.next(), expectedPost)
    XCTAssertEqual(
      try parser.next(),
      RuntimeRequest(method: "GET", path: "/next", headers: ["host": "x"], body: []))
    XCTAssertNil(try parser.next())
    parser.append(post.dropFirst(10))
    XCTAssertEqual(try parser.next(), expectedPost)
  }

  func testWhatIsNoRequestIsMalformed() {
    let heads = [
      "", "GET", "GET /", "GET  HTTP/1.1", "GET / HTTP/1.1 more", "GET / HTTP/1.1\r\nno colon",
      "GET / HTTP/1.1\r\nContent-Length: -1", "GET / HTTP/1.1\r\nContent-Length: many",
      "GET / HTTP/1.1\r\nContent-Length:",
      "GET / HTTP/1.1\r\nContent-Length: 99999999999999999999",
    ]
    for head in heads {
      var parser = RuntimeRequestParser()
      parser.append(Array("\(head)\r\n\r\n".utf8))
      XCTAssertThrowsError(try parser.next(), head) { error in
        XCTAssertEqual(error as? RuntimeRequestParser.Failure, .malformed, head)
      }
    }
  }

  func testAClientThatWaitsForContinueIsSeenUntilItsBodyComes() throws {
    var parser = RuntimeRequestParser()
    XCTAssertFalse(parser.wantsContinue)
    parser.append(
      Array("POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n".utf8))
    XCTAssertNil(try parser.next())
    XCTAssertTrue(parser.wantsContinue)
    parser.append([1, 2])
    XCTAssertEqual(try parser.next()?.body, [1, 2])
    XCTAssertFalse(parser.wantsContinue)
  }

  private var expectedPost: RuntimeRequest {
    RuntimeRequest(
      method: "POST", path: "/a/b",
      headers: ["host": "x", "x-mixed-case": "a: b", "content-length": "4"],
      body: [0x0D, 0x0A, 0, 0x7F])
  }
}
