import Clock
import Foundation
import XCTest

@testable import LocalLambda

final class LocalRuntimeTests: XCTestCase {
  private var soon: Deadline { .after(.seconds(60)) }
  private let event = Array(#"{"a": "ü"}"#.utf8) + [0, 0xFF]

  func testTheEventIsHandedOutWithLambdasHeaders() throws {
    let id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
    let before = Timestamp.now().microsecondsSinceEpoch / 1000
    let (_, next, status) = try play(id: id, answering: [], to: "response")

    XCTAssertEqual(next.status, 200)
    XCTAssertEqual(next.body, event)
    XCTAssertEqual(next.headers["lambda-runtime-aws-request-id"], id)
    let deadline = try XCTUnwrap(next.headers["lambda-runtime-deadline-ms"].flatMap { Int64($0) })
    XCTAssertGreaterThanOrEqual(deadline, before + 5000)
    XCTAssertLessThan(deadline, before + 35_000)
    let arn = try XCTUnwrap(next.headers["lambda-runtime-invoked-function-arn"])
    XCTAssertTrue(arn.hasPrefix("arn:aws:lambda:"), arn)
    let trace = try XCTUnwrap(next.headers["lambda-runtime-trace-id"])
    XCTAssertTrue(trace.hasPrefix("Root=1-"), trace)
    XCTAssertEqual(status, 202)
  }

  func testAnEchoIsRecognisedAndAnythingElseIsNot() throws {
    for (body, echoes) in [(event, true), (event.dropLast(), false), (event + [0x0A], false)] {
      let (answer, _, _) = try play(answering: body, to: "response")
      XCTAssertEqual(answer.kind, .response(body))
      XCTAssertEqual(answer.requestID, "id")
      XCTAssertEqual(answer.echoes(event), echoes)
      XCTAssertGreaterThan(answer.elapsed, .zero)
    }
  }

  func testAnErrorIsHandedOnWithItsType() throws {
    let header = "Lambda-Runtime-Function-Error-Type: Function.Broken"
    let (typed, _, status) = try play(answering: event, to: "error", headers: [header])
    XCTAssertEqual(typed.kind, .error(type: "Function.Broken", body: event))
    XCTAssertFalse(typed.echoes(event))
    XCTAssertEqual(status, 202)

    let (untyped, _, _) = try play(answering: event, to: "error")
    XCTAssertEqual(untyped.kind, .error(type: nil, body: event))
  }

  func testEachInvocationHasAnIDOfItsOwn() throws {
    let runtime = try LocalRuntime()
    let played = Background { [endpoint = runtime.endpoint] in
      let client = try RuntimeClient(endpoint: endpoint)
      return try (1...3).map { _ in
        let id = try client.next().headers["lambda-runtime-aws-request-id"] ?? ""
        _ = try client.status(ofPosting: [], to: "invocation/\(id)/response")
        return id
      }
    }
    let ids = try (1...3).map { _ in try runtime.invoke(event, until: soon).requestID }
    XCTAssertEqual(try played.value(), ids)
    XCTAssertEqual(Set(ids).count, 3)
    for id in ids { XCTAssertNotNil(UUID(uuidString: id), id) }
  }

  func testAnInitializationErrorEndsTheWaitWithItsBody() throws {
    let body = Array(#"{"errorMessage":"m"}"#.utf8)
    for wait in [
      { (runtime: LocalRuntime) in _ = try runtime.invoke([1], until: .after(.seconds(60))) },
      { (runtime: LocalRuntime) in try runtime.waitForNext(until: .after(.seconds(60))) },
    ] {
      let runtime = try LocalRuntime()
      let client = try RuntimeClient(endpoint: runtime.endpoint)
      try client.post(body, to: "init/error")
      XCTAssertThrowsError(try wait(runtime)) { error in
        XCTAssertEqual(error as? LocalRuntimeError, .initializationError(body: body))
      }
      XCTAssertEqual(try client.receive()?.status, 202)
    }
  }

  func testAProcessThatLogsWithoutEndIsLate() throws {
    let runtime = try LocalRuntime()
    let process = try BootstrapProcess(
      executable: "/bin/sh", arguments: ["-c", "exec cat /dev/zero >&2"],
      environment: ["PATH": "/usr/bin:/bin"])
    while process.log.isEmpty, !soon.hasPassed { process.readLog() }
    for wait in [
      { _ = try runtime.invoke([1], process: process, until: .after(.milliseconds(20))) },
      { try runtime.waitForNext(process: process, until: .after(.milliseconds(20))) },
    ] {
      XCTAssertThrowsError(try wait()) { XCTAssertEqual($0 as? LocalRuntimeError, .timedOut) }
    }
  }

  func testAProcessThatAsksWithoutEndForWhatThereIsNotIsLate() throws {
    let limit = 50_000
    var runtime: LocalRuntime? = try LocalRuntime()
    let endpoint = try XCTUnwrap(runtime).endpoint
    let asked = Background {
      let client = try RuntimeClient(endpoint: endpoint)
      var count = 0
      while count < limit, (try? client.status(ofPosting: [], to: "unknown")) == 404 { count += 1 }
      return count
    }
    XCTAssertThrowsError(try runtime?.invoke(event, until: .after(.milliseconds(100)))) {
      XCTAssertEqual($0 as? LocalRuntimeError, .timedOut)
    }
    runtime = nil
    // The wait ended while requests still came.
    XCTAssertLessThan(try asked.value(), limit)
  }

  func testWhatIsNotTheAnswerToThisInvocationIsRefused() throws {
    let calls = [
      ("invocation/other/response", 400), ("invocation/other/error", 400),
      ("invocation/id/unknown", 404), ("init/other", 404), ("init/error", 403), ("", 404),
      ("../invocation/id/response", 404), ("invocation/next", 405),
    ]
    let runtime = try LocalRuntime()
    let played = Background { [endpoint = runtime.endpoint] in
      let client = try RuntimeClient(endpoint: endpoint)
      _ = try client.next()
      var statuses = try calls.map { try client.status(ofPosting: [1], to: $0.0) }
      for path in ["/2018-06-01/runtime/invocation/id/response", "/next"] {
        try client.send(Array("GET \(path) HTTP/1.1\r\n\r\n".utf8))
        statuses.append(try client.receive()?.status ?? 0)
      }
      statuses.append(try client.status(ofPosting: [2], to: "invocation/id/response"))
      return statuses
    }

    let answer = try runtime.invoke(event, envelope: EventEnvelope(requestID: "id"), until: soon)

    XCTAssertEqual(answer.kind, .response([2]))
    XCTAssertEqual(try played.value(), calls.map(\.1) + [405, 404, 202])
  }

  func testNobodyWhoAsksIsATimeOut() throws {
    let runtime = try LocalRuntime()
    XCTAssertThrowsError(try runtime.invoke(event, until: .after(.milliseconds(20)))) { error in
      XCTAssertEqual(error as? LocalRuntimeError, .timedOut)
    }
    XCTAssertThrowsError(try runtime.waitForNext(until: .after(.milliseconds(20)))) { error in
      XCTAssertEqual(error as? LocalRuntimeError, .timedOut)
    }
  }

  func testAnEventWithoutAnAnswerIsATimeOutAndALateAnswerIsRefused() throws {
    let runtime = try LocalRuntime()
    let isTooLate = DispatchSemaphore(value: 0)
    let played = Background { [endpoint = runtime.endpoint, event] in
      let client = try RuntimeClient(endpoint: endpoint)
      _ = try client.next()
      isTooLate.wait()
      let late = try client.status(ofPosting: event, to: "invocation/1/response")
      _ = try client.next()
      return [late, try client.status(ofPosting: [2], to: "invocation/2/response")]
    }
    XCTAssertThrowsError(
      try runtime.invoke(
        event, envelope: EventEnvelope(requestID: "1"), until: .after(.milliseconds(100)))
    ) { error in
      XCTAssertEqual(error as? LocalRuntimeError, .timedOut)
    }
    isTooLate.signal()

    let answer = try runtime.invoke(event, envelope: EventEnvelope(requestID: "2"), until: soon)

    XCTAssertEqual(answer.kind, .response([2]))
    XCTAssertEqual(try played.value(), [400, 202])
  }

  func testAQuestionThatCameEarlyIsAnsweredByTheNextInvocation() throws {
    let runtime = try LocalRuntime()
    let played = Background { [endpoint = runtime.endpoint] in
      let client = try RuntimeClient(endpoint: endpoint)
      let body = try client.next().body
      return try client.status(ofPosting: body, to: "invocation/id/response")
    }
    try runtime.waitForNext(until: soon)
    let answer = try runtime.invoke(event, envelope: EventEnvelope(requestID: "id"), until: soon)
    XCTAssertTrue(answer.echoes(event))
    XCTAssertEqual(try played.value(), 202)
  }

  func testWhoHangsUpAndAsksAgainGetsTheSameEvent() throws {
    let runtime = try LocalRuntime()
    var gone: RuntimeClient? = try RuntimeClient(endpoint: runtime.endpoint)
    try gone?.askForNext()
    try runtime.waitForNext(until: soon)
    gone = nil
    let (answer, next, _) = try play(with: runtime, answering: event, to: "response")
    XCTAssertTrue(answer.echoes(event))
    XCTAssertEqual(next.body, event)
  }

  func testAClientThatSpeaksNoHTTPIsHungUpOn() throws {
    let runtime = try LocalRuntime()
    let client = try RuntimeClient(endpoint: runtime.endpoint)
    try client.send(Array("hello\r\n\r\n".utf8))
    XCTAssertThrowsError(try runtime.waitForNext(until: .after(.milliseconds(50))))
    XCTAssertEqual(try client.receive()?.status, 400)
    XCTAssertNil(try client.receive())
  }

  func testAPortThatIsTakenIsAnError() throws {
    let runtime = try LocalRuntime()
    let port = try XCTUnwrap(runtime.endpoint.split(separator: ":").last.flatMap { UInt16($0) })
    XCTAssertThrowsError(try LocalRuntime(port: port)) { error in
      XCTAssertEqual(error as? LocalRuntimeError, .systemCall("bind", EADDRINUSE))
    }
  }

  func testAProcessThatEndsEndsTheWait() throws {
    // The second one's standard error ends long before the process does.
    for script in ["exit 3", "exec 2>&-; sleep 0.1; exit 3"] {
      let process = try BootstrapProcess(
        executable: "/bin/sh", arguments: ["-c", script], environment: ["PATH": "/usr/bin:/bin"])
      XCTAssertThrowsError(
        try LocalRuntime().invoke(event, process: process, until: soon)
      ) { error in
        XCTAssertEqual(error as? LocalRuntimeError, .processEnded(.exited(3)), script)
      }
    }
  }

  /// Plays one invocation, with a client in a thread of its own.
  /// - Returns: the answer as the runtime saw it, and what the client saw.
  private func play(
    with runtime: LocalRuntime? = nil, id: String = "id", answering body: [UInt8],
    to call: String, headers: [String] = []
  ) throws -> (Answer, next: RuntimeClient.Response, status: Int) {
    let runtime = try runtime ?? LocalRuntime()
    let played = Background { [endpoint = runtime.endpoint] in
      let client = try RuntimeClient(endpoint: endpoint)
      let next = try client.next()
      let path = "invocation/\(id)/\(call)"
      return (next, try client.status(ofPosting: body, to: path, headers: headers))
    }
    let answer = try runtime.invoke(event, envelope: EventEnvelope(requestID: id), until: soon)
    let (next, status) = try played.value()
    return (answer, next, status)
  }
}
