import Clock
import HTTP
import TestSupport
import XCTest

@testable import LambdaRuntime

final class RuntimeAPITests: XCTestCase {
  private let failure = InvocationFailure(type: "Function.Broken", message: "It is broken")
  /// Kept here, so that it lives until its test is over.
  private var servers: [ScriptedServer] = []

  override func tearDown() { servers = [] }

  func testNextBringsTheEventWithItsIDAndDeadline() throws {
    let event = Array(#"{"a":"\u0000ü"}"#.utf8) + [0, 0xFF, 0x0A]
    let millisecondsNow = Timestamp.now().microsecondsSinceEpoch / 1000
    let api = try makeAPI([
      .answer(
        200,
        headers: [
          "LAMBDA-runtime-AWS-request-ID: id-1",
          "lambda-runtime-deadline-ms: \(millisecondsNow + 5000)",
        ], body: event)
    ])

    let invocation = try api.next()

    XCTAssertEqual(requests.map(\.line), ["GET /2018-06-01/runtime/invocation/next"])
    XCTAssertEqual(invocation.requestID, "id-1")
    XCTAssertEqual(invocation.payload, event)
    let remaining = try XCTUnwrap(invocation.deadline).remaining
    XCTAssertLessThanOrEqual(remaining, .seconds(5))
    XCTAssertGreaterThan(remaining, .zero)
    XCTAssertLessThan(invocation.receivedAt.elapsed, .seconds(30))
    XCTAssertEqual(invocation.startUpTime, .zero)
  }

  func testADeadlineThatCannotBeReadIsNone() throws {
    let api = try makeAPI([
      event(headers: ["Lambda-Runtime-Deadline-Ms: later"]), event(),
    ])
    XCTAssertNil(try api.next().deadline)
    XCTAssertNil(try api.next().deadline)
  }

  func testEveryCallNamesItsProgramInOneToken() throws {
    let api = try makeAPI([
      event(), .answer(202), .answer(202), .answer(202),
    ])
    _ = try api.next()
    _ = try api.respond(with: [], to: "1")
    _ = try api.report(failure, for: "1")
    try api.report(InitializationFailure(type: "Function.X", message: "x"))
    XCTAssertEqual(
      requests.map { $0.headers["user-agent"] },
      Array(repeating: "pooltable/1.2.3", count: 4))
    XCTAssertEqual(requests.map(\.connection), [1, 1, 1, 1])
  }

  func testResponseIsPostedAsItIs() throws {
    let api = try makeAPI([.answer(202)])
    // Larger than the size from which libcurl would ask for 100 Continue.
    let payload = (0..<6 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    XCTAssertEqual(try api.respond(with: payload, to: "id-1"), 202)

    let request = try XCTUnwrap(requests.first)
    XCTAssertEqual(request.line, "POST /2018-06-01/runtime/invocation/id-1/response")
    XCTAssertEqual(request.headers["content-type"], "application/json")
    XCTAssertNil(request.headers["expect"])
    XCTAssertNil(request.headers["lambda-runtime-function-error-type"])
    XCTAssertTrue(request.body == payload)
  }

  func testErrorIsPostedWithItsTypeInTheHeaderAndTheBody() throws {
    let api = try makeAPI([.answer(202)])

    XCTAssertEqual(try api.report(failure, for: "id-1"), 202)

    let request = try XCTUnwrap(requests.first)
    XCTAssertEqual(request.line, "POST /2018-06-01/runtime/invocation/id-1/error")
    XCTAssertEqual(request.headers["content-type"], "application/json")
    XCTAssertEqual(request.headers["lambda-runtime-function-error-type"], "Function.Broken")
    XCTAssertNil(request.headers["expect"])
    XCTAssertEqual(request.body, failure.body)
  }

  func testHeadersOfAnErrorAreNotSentWithTheNextCall() throws {
    let api = try makeAPI([.answer(202), event(), .answer(202)])
    _ = try api.report(failure, for: "id-1")
    _ = try api.next()
    _ = try api.respond(with: [1], to: "id-2")
    let later = requests.dropFirst()
    XCTAssertEqual(later.count, 2)
    for request in later {
      XCTAssertNil(request.headers["lambda-runtime-function-error-type"], request.line)
    }
    XCTAssertNil(later.first?.headers["content-type"])
  }

  func testInitializationErrorIsPostedBeforeAnyInvocation() throws {
    let api = try makeAPI([.answer(202)])

    try api.report(
      InitializationFailure(type: "Function.InvalidConfiguration", message: "no \"URL\""))

    let request = try XCTUnwrap(requests.first)
    XCTAssertEqual(request.line, "POST /2018-06-01/runtime/init/error")
    XCTAssertEqual(
      request.headers["lambda-runtime-function-error-type"], "Function.InvalidConfiguration")
    XCTAssertEqual(
      String(decoding: request.body, as: UTF8.self),
      #"{"errorMessage":"no \"URL\"","errorType":"Function.InvalidConfiguration","stackTrace":[]}"#)
  }

  func testARequestIDCannotBreakOutOfThePath() throws {
    let api = try makeAPI([.answer(202), .answer(202)])
    _ = try api.respond(with: [], to: "../init/error?a=b c#")
    _ = try api.report(failure, for: "a/b")
    XCTAssertEqual(
      requests.map(\.path),
      [
        "/2018-06-01/runtime/invocation/..%2Finit%2Ferror%3Fa%3Db%20c%23/response",
        "/2018-06-01/runtime/invocation/a%2Fb/error",
      ])
  }

  func testStatusesAreHandedOnWithoutAnOpinion() throws {
    let api = try makeAPI([.answer(413), .answer(500), .answer(403)])
    XCTAssertEqual(try api.respond(with: [1], to: "1"), 413)
    XCTAssertEqual(try api.report(failure, for: "1"), 500)
    XCTAssertThrowsError(try api.next()) { error in
      XCTAssertEqual(error as? RuntimeAPIError, .status(403))
    }
  }

  func testAnEventWithoutAnIDIsAnError() throws {
    let api = try makeAPI([
      .answer(200, body: [0x7B, 0x7D]),
      .answer(200, headers: ["Lambda-Runtime-Aws-Request-Id: "], body: [0x7B, 0x7D]),
    ])
    for _ in 1...2 {
      XCTAssertThrowsError(try api.next()) { error in
        XCTAssertEqual(error as? RuntimeAPIError, .missingRequestID)
      }
    }
  }

  func testAnEventThatIsTooLargeIsAnErrorThatKnowsItsID() throws {
    let api = try makeAPI([
      event(id: "large", body: [UInt8](repeating: 0x20, count: (12 << 20) + 1))
    ])
    XCTAssertThrowsError(try api.next()) { error in
      XCTAssertEqual(error as? RuntimeAPIError, .payloadTooLarge(requestID: "large"))
    }
  }

  func testAConnectionThatBreaksIsATransportErrorWithCurlsText() throws {
    let api = try makeAPI([.hangUp, .silence])
    XCTAssertThrowsError(try api.next()) { error in
      XCTAssertEqual("\(error)", "curl error 52: Server returned nothing (no headers, no data)")
    }
    XCTAssertThrowsError(try api.respond(with: [], to: "1")) { error in
      XCTAssertEqual(error as? HTTPError, .timedOut)
    }
  }

  private func makeAPI(_ steps: [ScriptedServer.Step]) throws -> RuntimeAPI {
    let server = try ScriptedServer(steps)
    servers.append(server)
    return try XCTUnwrap(RuntimeAPI(endpoint: server.endpoint, userAgent: "pooltable/1.2.3"))
  }

  private var requests: [ScriptedServer.Request] { servers.flatMap(\.requests) }
}

func event(
  id: String = "id", headers: [String] = [], body: [UInt8] = [0x7B, 0x7D]
) -> ScriptedServer.Step {
  .answer(200, headers: ["Lambda-Runtime-Aws-Request-Id: \(id)"] + headers, body: body)
}
