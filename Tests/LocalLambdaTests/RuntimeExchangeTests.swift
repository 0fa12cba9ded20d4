import XCTest

@testable import LocalLambda

/// What a runtime sees, to the byte, as AWS's Runtime Interface Emulator has it: read from the sources named in
/// `RuntimeExchange` (`handler/*.go`, `middleware.go`, `rendering/*.go`, `router_test.go`, `states.go`).
final class RuntimeExchangeTests: XCTestCase {
  private static let ok = #"202 application/json {"status":"OK"}"#
  private static let wrongID =
    #"400 application/json {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}"#
  private static let notFound = "404 text/plain; charset=utf-8 404 page not found"

  private static func transition(_ state: String, _ wanted: String) -> String {
    #"403 application/json {"errorMessage":"State transition from \#(state) to \#(wanted) failed for runtime. "#
      + #"Error: State transition is not allowed","errorType":"InvalidStateTransition"}"#
  }

  /// What is asked, one after the other, of a runtime's environment that has invocation `A`; `event` is the answer to
  /// `next`.
  private static let exchanges: [[(call: String, answer: String)]] = [
    [("GET next", "event"), ("POST A/response", ok)],
    [("GET next", "event"), ("POST A/error", ok)],
    // A runtime that asks twice gets the same event twice.
    [("GET next", "event"), ("GET next", "event"), ("POST A/response", ok)],
    [("GET next", "event"), ("POST B/response", wrongID), ("POST B/error", wrongID)],
    [
      ("GET next", "event"), ("POST A/response", ok),
      ("POST A/response", transition("RuntimeResponseSentState", "InvocationResponse")),
      ("POST A/error", transition("RuntimeResponseSentState", "InvocationErrorResponse")),
    ],
    [("POST A/response", transition("Started", "InvocationResponse"))],
    [("POST init/error", ok)],
    [("POST init/error", ok), ("POST init/error", transition("InitError", "InitError"))],
    [("POST init/error", ok), ("GET next", transition("InitError", "Ready"))],
    [("GET next", "event"), ("POST init/error", transition("Running", "InitError"))],
    [("GET ping", "200 text/plain; charset=utf-8 pong")],
    [
      ("POST next", "405 text/plain; charset=utf-8 "),
      ("DELETE A/error", "405 text/plain; charset=utf-8 "),
      ("GET init/error", "405 text/plain; charset=utf-8 "),
      ("POST unsupported", notFound), ("GET restore/next", notFound), ("GET /", notFound),
      ("POST A/other", notFound), ("GET /2015-03-31/runtime/invocation/next", notFound),
    ],
  ]

  func testARuntimeSeesWhatTheEmulatorShowsIt() {
    for calls in Self.exchanges {
      var exchange = RuntimeExchange()
      exchange.begin("A")
      for (call, answer) in calls {
        let step = exchange.take(request(call))
        if step == .next { exchange.handOut() }
        XCTAssertEqual(text(step), answer, "\(call) of \(calls.map(\.call))")
      }
    }
  }

  func testAnAnswerThatIsTooLargeIsAnErrorOfTheFunctions() {
    for (count, isTooLarge) in [(6_291_556, false), (6_291_557, true)] {
      var exchange = RuntimeExchange()
      exchange.begin("A")
      exchange.handOut()
      var call = request("POST A/response")
      call.bodyLength = count
      let step = exchange.take(call)
      guard isTooLarge else {
        XCTAssertEqual(text(step), Self.ok)
        continue
      }
      XCTAssertEqual(
        text(step),
        #"413 application/json {"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","#
          + #""errorType":"RequestEntityTooLarge"}"#)
      guard case .answer(.error("Function.ResponseSizeTooLarge", let body), _) = step else {
        return XCTFail("\(step)")
      }
      XCTAssertEqual(
        String(decoding: body, as: UTF8.self),
        #"{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size (6291557 bytes) "#
          + #"exceeded maximum allowed payload size (6291556 bytes)."}"#)
    }
  }

  func testTheNextInvocationIsTheOneThatCounts() {
    var exchange = RuntimeExchange()
    for id in ["A", "B"] {
      exchange.begin(id)
      XCTAssertEqual(exchange.take(request("GET next")), .next)
      exchange.handOut()
      XCTAssertEqual(text(exchange.take(request("POST \(id)/response"))), Self.ok)
    }
    exchange.begin("C")
    exchange.handOut()
    exchange.end()
    XCTAssertEqual(text(exchange.take(request("POST C/response"))), Self.wrongID)
  }

  /// `renderInvokeHeaders` of rendering.go: which there are, and that one without a value is left out.
  func testTheEventHasTheEmulatorsHeaders() {
    func names(_ envelope: EventEnvelope) -> [String] { envelope.headers.map(\.name).sorted() }
    let bare = EventEnvelope(requestID: "A", functionARN: "arn", traceID: nil)
    XCTAssertEqual(
      names(bare),
      [
        "Lambda-Runtime-Aws-Request-Id", "Lambda-Runtime-Deadline-Ms",
        "Lambda-Runtime-Invoked-Function-Arn",
      ])
    let full = EventEnvelope(
      requestID: "A", functionARN: "arn", traceID: "Root=1-2-3;Parent=4;Sampled=1",
      clientContext: "{}")
    XCTAssertEqual(
      names(full),
      [
        "Lambda-Runtime-Aws-Request-Id", "Lambda-Runtime-Client-Context",
        "Lambda-Runtime-Deadline-Ms",
        "Lambda-Runtime-Invoked-Function-Arn", "Lambda-Runtime-Trace-Id",
      ])
    XCTAssertEqual(
      Dictionary(uniqueKeysWithValues: full.headers.map { ($0.name, $0.value) })[
        "Lambda-Runtime-Trace-Id"], "Root=1-2-3;Parent=4;Sampled=1")
    let text = String(decoding: bare.response(with: [0x7B, 0x7D]), as: UTF8.self)
    XCTAssertTrue(text.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"), text)
    XCTAssertTrue(text.hasSuffix("Content-Length: 2\r\n\r\n{}"), text)
    // handlers.go.
    XCTAssertEqual(
      FunctionIdentity(name: "test_function").arn(qualifier: nil),
      "arn:aws:lambda:us-east-1:012345678912:function:test_function")
  }

  /// - Parameter call: a method, and a path below `runtime/invocation/` where it begins with no other folder.
  private func request(_ call: String) -> ServedRequest {
    let words = call.split(separator: " ").map(String.init)
    var path = words[1]
    if !path.hasPrefix("/") {
      let isInvocation =
        path == "next" || path.hasPrefix("A/") || path.hasPrefix("B/")
        || path.hasPrefix("C/")
      path = (path == "ping" ? "" : isInvocation ? "runtime/invocation/" : "runtime/") + path
      path = "/2018-06-01/\(path)"
    }
    return ServedRequest(method: words[0], path: path)
  }

  private func text(_ step: RuntimeExchange.Step) -> String {
    switch step {
    case .next: return "event"
    case .answer(_, let reply), .initializationError(_, let reply), .refusal(let reply):
      return "\(reply.status) \(reply.contentType) "
        + reply.body.trimmingCharacters(in: .newlines)
    }
  }
}
