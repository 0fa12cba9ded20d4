import Clock
import Foundation
import HTTP
import TestSupport
import XCTest

final class HTTPClientTests: XCTestCase {
  private var soon: Deadline { .after(.seconds(60)) }
  /// Kept here, so that it lives until its test is over.
  private var servers: [ScriptedServer] = []

  override func tearDown() { servers = [] }

  private var requests: [ScriptedServer.Request] { servers.flatMap(\.requests) }

  func testSeveralRequestsShareOneConnection() throws {
    let url = try serve([
      .answer(200, body: [1]), .answer(202), .answer(404, body: [2, 3]), .answer(200, body: [4]),
    ])
    let client = try makeClient()

    let responses = try [.get, .post([9]), .get, .post([])].map { method in
      try client.perform(HTTPRequest(method, url: url), until: soon)
    }

    XCTAssertEqual(responses.map(\.status), [200, 202, 404, 200])
    XCTAssertEqual(responses.map(\.body), [[1], [], [2, 3], [4]])
    XCTAssertEqual(requests.map(\.method), ["GET", "POST", "GET", "POST"])
    XCTAssertEqual(requests.map(\.connection), [1, 1, 1, 1])
  }

  func testAPostMayBeEmpty() throws {
    let url = try serve([.answer(202), .answer(202)])
    let client = try makeClient()
    _ = try client.perform(HTTPRequest(.post([1, 2]), url: url), until: soon)
    _ = try client.perform(HTTPRequest(.post([]), url: url), until: soon)
    XCTAssertEqual(requests.map { $0.headers["content-length"] }, ["2", "0"])
    XCTAssertEqual(requests.map(\.body), [[1, 2], []])
  }

  func testAPutIsOneAndTheNextRequestIsNot() throws {
    let url = try serve([.answer(200), .answer(200), .answer(200)])
    let client = try makeClient()
    let headers = HTTPHeaderList(["Content-Type:"])
    _ = try client.perform(HTTPRequest(.put([1, 2]), url: url, headers: headers), until: soon)
    _ = try client.perform(HTTPRequest(.post([3]), url: url), until: soon)
    _ = try client.perform(HTTPRequest(.get, url: url), until: soon)
    XCTAssertEqual(requests.map(\.method), ["PUT", "POST", "GET"])
    XCTAssertEqual(requests.map(\.body), [[1, 2], [3], []])
    XCTAssertNil(requests.first?.headers["content-type"])
  }

  func testSixMegabytesGoAndComeAsTheyAre() throws {
    let bytes = (0..<6 << 20).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ $0 >> 9) }
    let url = try serve([.answer(200, body: bytes)])
    let client = try makeClient(bodyLimit: bytes.count)

    let response = try client.perform(
      HTTPRequest(.post(bytes), url: url, headers: HTTPHeaderList(["Expect:"])), until: soon)

    // Not assertEqual: nobody wants to read the difference.
    XCTAssertTrue(requests.first?.body == bytes)
    XCTAssertTrue(response.body == bytes)
  }

  func testHeadersAreSentWithTheirOwnRequestOnly() throws {
    let url = try serve([.answer(200), .answer(200), .answer(200)])
    let client = try makeClient()
    let first = HTTPHeaderList(["X-First: 1", "Accept:"])
    let second = HTTPHeaderList(["X-Second: 2"])

    _ = try client.perform(HTTPRequest(.get, url: url, headers: first), until: soon)
    _ = try client.perform(HTTPRequest(.get, url: url, headers: second), until: soon)
    _ = try client.perform(HTTPRequest(.get, url: url), until: soon)

    XCTAssertEqual(requests.map { $0.headers["x-first"] }, ["1", nil, nil])
    XCTAssertEqual(requests.map { $0.headers["x-second"] }, [nil, "2", nil])
    XCTAssertEqual(requests.map { $0.headers["accept"] }, [nil, "*/*", "*/*"])
    XCTAssertEqual(requests.map { $0.headers["user-agent"] }, ["test/1", "test/1", "test/1"])
  }

  func testAnInterimResponseIsNotTheResponse() throws {
    let url = try serve([
      .raw(
        "HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n"
          + "HTTP/1.1 200 OK\r\nX-Final: 2\r\nContent-Length: 2\r\n\r\nok")
    ])
    let response = try makeClient().perform(HTTPRequest(.post([1]), url: url), until: soon)
    XCTAssertEqual(response.status, 200)
    XCTAssertNil(response.headers[lowercased: "x-interim"])
    XCTAssertEqual(response.headers[lowercased: "x-final"], "2")
    XCTAssertEqual(response.body, Array("ok".utf8))
  }

  func testAServerThatStaysSilentIsLeftAtTheDeadline() throws {
    let url = try serve([.silence, .answer(200)])
    let client = try makeClient()
    let start = Instant.now()

    XCTAssertEqual(failure(of: client, url, until: .after(.milliseconds(100))), .timedOut)

    XCTAssertGreaterThan(start.elapsed, .milliseconds(50))
    XCTAssertLessThan(start.elapsed, .seconds(30))
    XCTAssertEqual(try client.perform(HTTPRequest(.get, url: url), until: soon).status, 200)
    XCTAssertEqual(requests.map(\.connection), [1, 2])
  }

  func testABodyThatNeverEndsIsLeftAtTheDeadline() throws {
    let url = try serve([.raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")])
    XCTAssertEqual(
      failure(of: try makeClient(), url, until: .after(.milliseconds(100))), .timedOut)
  }

  func testAPastDeadlineIsNotWaitingForEver() throws {
    let url = try serve([.silence])
    let start = Instant.now()
    XCTAssertEqual(failure(of: try makeClient(), url, until: .after(.seconds(-1))), .timedOut)
    XCTAssertLessThan(start.elapsed, .seconds(30))
  }

  func testADeadlineHoldsForItsOwnRequestOnly() throws {
    let url = try serve([.answer(200), .answer(200)])
    let client = try makeClient()
    _ = try client.perform(HTTPRequest(.get, url: url), until: .after(.seconds(60)))
    XCTAssertEqual(try client.perform(HTTPRequest(.get, url: url), until: nil).status, 200)
  }

  func testARefusedConnectionCarriesCurlsCodeAndText() throws {
    let unheard = try UnheardPort()
    let error = failure(of: try makeClient(), "http://127.0.0.1:\(unheard.port)/", until: soon)
    guard case .transport(7, let message) = error else {
      return XCTFail("\(String(describing: error))")
    }
    XCTAssertFalse(message.isEmpty)
    XCTAssertEqual(error?.description, "curl error 7: \(message)")
  }

  func testTLSAskedOfAServerThatSpeaksNoneIsToldFromABrokenHandshake() throws {
    let plain = try MotoServer.shared.endpoint.replacingOccurrences(of: "http:", with: "https:")
    XCTAssertEqual(failure(of: try makeClient(), plain, until: soon), .noTLS)
    // A server that hangs up instead may be one that is starting.
    let server = try TCPRelay.unusedPort()
    let refused = failure(of: try makeClient(), "https://127.0.0.1:\(server)/", until: soon)
    XCTAssertEqual(refused?.isTransient, true)
  }

  func testAConnectionThatEndsWithoutAnAnswerIsAnError() throws {
    let url = try serve([.hangUp])
    guard case .transport(52, _) = failure(of: try makeClient(), url, until: soon) else {
      return XCTFail("another error, or none")
    }
  }

  func testARequestOnAReusedConnectionThatDiedIsSentAgain() throws {
    let url = try serve([.answer(200), .hangUp, .answer(202)])
    let client = try makeClient()
    _ = try client.perform(HTTPRequest(.get, url: url), until: soon)

    let response = try client.perform(HTTPRequest(.post([1, 2, 3]), url: url), until: soon)

    XCTAssertEqual(response.status, 202)
    XCTAssertEqual(requests.map(\.connection), [1, 1, 2])
    XCTAssertEqual(requests.map(\.body), [[], [1, 2, 3], [1, 2, 3]])
  }

  func testABodyUpToTheLimitIsTakenAndALargerOneIsAnError() throws {
    let url = try serve([
      .answer(200, body: [UInt8](repeating: 1, count: 100)),
      .answer(200, headers: ["X-Id: large"], body: [UInt8](repeating: 2, count: 101)),
      .raw(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n\(String(repeating: "3", count: 101))\r\n0\r\n\r\n"
      ),
      .answer(200, body: [4]),
    ])
    let client = try makeClient(bodyLimit: 100)

    let response = try client.perform(HTTPRequest(.get, url: url), until: soon)
    XCTAssertEqual(response.body, [UInt8](repeating: 1, count: 100))
    XCTAssertEqual(failure(of: client, url, until: soon), .bodyTooLarge(limit: 100))
    XCTAssertEqual(client.lastHeaders[lowercased: "x-id"], "large")
    XCTAssertEqual(failure(of: client, url, until: soon), .bodyTooLarge(limit: 100))
    XCTAssertEqual(try client.perform(HTTPRequest(.get, url: url), until: soon).body, [4])
  }

  func testAProxyInTheEnvironmentIsIgnored() throws {
    let unheard = try UnheardPort()
    let proxy = "http://127.0.0.1:\(unheard.port)"
    let url = try serve([.answer(200)])
    try withEnvironment([
      "http_proxy": proxy, "HTTP_PROXY": proxy, "all_proxy": proxy, "ALL_PROXY": proxy,
      "no_proxy": nil, "NO_PROXY": nil,
    ]) {
      XCTAssertEqual(try makeClient().perform(HTTPRequest(.get, url: url), until: soon).status, 200)
    }
    XCTAssertEqual(requests.map(\.path), ["/path"])
  }

  func testHostsWithoutAProxyAreAskedThemselves() throws {
    let server = try ScriptedServer([.answer(200)])
    let proxy = try ScriptedServer([.answer(500)])
    try withEnvironment(["http_proxy": "http://\(proxy.endpoint)", "no_proxy": "127.0.0.1"]) {
      let response = try HTTPClient(
        userAgent: "test/1", bodyLimit: 1000, connectTimeout: .seconds(10), proxy: .fromEnvironment
      ).perform(
        HTTPRequest(.get, url: "http://\(server.endpoint)/"), until: soon)
      XCTAssertEqual(response.status, 200)
    }
    XCTAssertEqual(proxy.requests.count, 0)
  }

  private func serve(_ steps: [ScriptedServer.Step]) throws -> String {
    let server = try ScriptedServer(steps)
    servers.append(server)
    return "http://\(server.endpoint)/path"
  }

  private func makeClient(bodyLimit: Int = 1000) throws -> HTTPClient {
    try HTTPClient(userAgent: "test/1", bodyLimit: bodyLimit, connectTimeout: .seconds(10))
  }

  /// - Returns: nil when there is none.
  private func failure(
    of client: HTTPClient, _ url: String, until deadline: Deadline?
  ) -> HTTPError? {
    do {
      _ = try client.perform(HTTPRequest(.get, url: url), until: deadline)
      return nil
    } catch {
      return error
    }
  }
}

/// A port of loopback that is taken, and on which nobody listens.
private final class UnheardPort {
  private let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  let port: UInt16

  init() throws {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { [descriptor] pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
      }
    }
    guard isBound else {
      // `deinit` is not run before all is initialised.
      close(descriptor)
      throw POSIXError(.EADDRINUSE)
    }
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(descriptor) }
}
