import XCTest

@testable import LocalLambda

final class ServedRequestTests: XCTestCase {
  private let post = Array(
    "POST /a/b HTTP/1.1\r\nHost: x\r\nX-Mixed-CASE:  a: b\r\nContent-Length: 4\r\n\r\n\r\n\0\u{7F}"
      .utf8)
  private let get = Array("GET /next HTTP/1.1\r\nHost: x\r\n\r\n".utf8)

  func testAWholeRequestIsTaken() throws {
    var parser = ServedRequestParser()
    parser.append(post)
    XCTAssertEqual(try parser.next(), expectedPost)
    XCTAssertNil(try parser.next())
  }

  func testARequestInSingleBytesIsTakenWithItsLast() throws {
    var parser = ServedRequestParser()
    for byte in post.dropLast() {
      parser.append([byte])
      XCTAssertNil(try parser.next())
    }
    parser.append(post.suffix(1))
    XCTAssertEqual(try parser.next(), expectedPost)
  }

  func testARequestCutInTwoAnywhereIsTaken() throws {
    for cut in post.indices {
      var parser = ServedRequestParser()
      parser.append(post[..<cut])
      XCTAssertNil(try parser.next(), "cut at \(cut)")
      parser.append(post[cut...])
      XCTAssertEqual(try parser.next(), expectedPost, "cut at \(cut)")
    }
  }

  func testTwoRequestsInOneReadAreTakenOneAfterTheOther() throws {
    var parser = ServedRequestParser()
    parser.append(post + get + post.prefix(10))
    XCTAssertEqual(try parser.next(), expectedPost)
    XCTAssertEqual(
      try parser.next(),
      ServedRequest(method: "GET", path: "/next", headers: ["host": "x"], body: []))
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
      var parser = ServedRequestParser()
      parser.append(Array("\(head)\r\n\r\n".utf8))
      XCTAssertThrowsError(try parser.next(), head) { error in
        XCTAssertEqual(error as? ServedRequestParser.Failure, .malformed, head)
      }
    }
  }

  func testABodyInChunksIsRefused() {
    var parser = ServedRequestParser()
    parser.append(Array("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".utf8))
    XCTAssertThrowsError(try parser.next()) { error in
      XCTAssertEqual(error as? ServedRequestParser.Failure, .lengthMissing)
    }
  }

  func testAHeadWithoutAnEndIsMalformed() {
    var parser = ServedRequestParser()
    parser.append([UInt8](repeating: 0x61, count: ServedRequestParser.headLimit + 1))
    XCTAssertThrowsError(try parser.next())
  }

  func testABodyThatIsTooLongIsDroppedAndTheNextRequestRead() throws {
    var parser = ServedRequestParser(bodyLimit: 3)
    parser.append(Array("POST /a HTTP/1.1\r\nContent-Length: 8\r\n\r\n1234".utf8))
    XCTAssertNil(try parser.next())
    parser.append(Array("5678GET /b HTTP/1.1\r\n\r\n".utf8))
    let request = try XCTUnwrap(parser.next())
    XCTAssertEqual(request.path, "/a")
    XCTAssertEqual(request.bodyLength, 8)
    XCTAssertEqual(request.body, [])
    XCTAssertEqual(try parser.next()?.path, "/b")
  }

  func testAClientThatWaitsForContinueIsSeenUntilItsBodyComes() throws {
    var parser = ServedRequestParser()
    XCTAssertFalse(parser.wantsContinue)
    parser.append(
      Array("POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n".utf8))
    XCTAssertNil(try parser.next())
    XCTAssertTrue(parser.wantsContinue)
    parser.append([1, 2])
    XCTAssertEqual(try parser.next()?.body, [1, 2])
    XCTAssertFalse(parser.wantsContinue)
  }

  private var expectedPost: ServedRequest {
    ServedRequest(
      method: "POST", path: "/a/b",
      headers: ["host": "x", "x-mixed-case": "a: b", "content-length": "4"],
      body: [0x0D, 0x0A, 0, 0x7F])
  }
}
