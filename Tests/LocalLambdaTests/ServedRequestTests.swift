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

  func testAClientIsToldToContinueOnceAndOnlyWhileItWaits() throws {
    func head(_ length: Int) -> String {
      "POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: \(length)\r\n\r\n"
    }
    let cases: [(pieces: [String], told: [Bool])] = [
      ([head(3), "a", "b", "c"], [true, false, false, false]),
      ([String(head(3).prefix(30)), String(head(3).dropFirst(30)), "abc"], [false, true, false]),
      ([head(3) + "a", "b", "c"], [false, false, false]),
      ([head(3) + "abc", head(3), "abc"], [false, true, false]),
      ([head(3) + "abc" + head(3), "abc"], [true, false]),
      ([head(0)], [false]),
    ]
    for bodyLimit in [.max, 2] {
      for (pieces, told) in cases {
        var parser = ServedRequestParser(bodyLimit: bodyLimit)
        var isTold: [Bool] = []
        for piece in pieces {
          parser.append(Array(piece.utf8))
          while try parser.next() != nil {}
          isTold.append(parser.takeContinue())
        }
        XCTAssertEqual(isTold, told, "\(pieces), of \(bodyLimit) bytes at most")
      }
    }
  }

  private var expectedPost: ServedRequest {
    ServedRequest(
      method: "POST", path: "/a/b",
      headers: ["host": "x", "x-mixed-case": "a: b", "content-length": "4"],
      body: [0x0D, 0x0A, 0, 0x7F])
  }
}
