import Clock
import TestSupport
import XCTest

@testable import LambdaRuntime

final class InvocationLoopTests: XCTestCase {
  private let log = CollectedLog()
  private let handler = Handler()
  private let next = "GET next"

  func testEachEventIsAnsweredBeforeTheNextIsAskedFor() throws {
    handler.answers = [.echo, .failure(.init(type: "Function.Broken", message: "broken")), .echo]
    let (lines, server, _) = try run([
      event(id: "1", body: Array("first".utf8)), .answer(202),
      event(id: "2", body: Array("second".utf8)), .answer(202),
      event(id: "3", body: []), .answer(202),
    ])

    XCTAssertEqual(
      lines, [next, "POST 1/response", next, "POST 2/error", next, "POST 3/response", next])
    XCTAssertEqual(handler.invocations.map(\.requestID), ["1", "2", "3"])
    XCTAssertEqual(server.requests[1].body, Array("first".utf8))
    XCTAssertEqual(
      server.requests[3].headers["lambda-runtime-function-error-type"], "Function.Broken")
    XCTAssertEqual(server.requests[5].body, [])
    XCTAssertEqual(log.lines, [])
  }

  func testOtherBytesThanTheEventsAreAnsweredAsTheyAre() throws {
    handler.answers = [.replaced(Array("other".utf8))]
    let (lines, server, _) = try run([
      event(id: "1", body: Array("first".utf8)), .answer(202),
      event(id: "2", body: Array("second".utf8)), .answer(202),
    ])

    XCTAssertEqual(lines, [next, "POST 1/response", next, "POST 2/response", next])
    XCTAssertEqual(server.requests[1].body, Array("other".utf8))
    XCTAssertEqual(server.requests[3].body, Array("second".utf8))
  }

  func testAnAnswerThatIsNotTakenIsLoggedAndFollowedByNext() throws {
    for status in [400, 403, 410, 413, 404, 200] {
      let log = CollectedLog()
      let (lines, _, _) = try run([event(id: "1"), .answer(status)], log)

      XCTAssertEqual(lines, [next, "POST 1/response", next], "\(status)")
      let line = try XCTUnwrap(log.objects().first)
      XCTAssertEqual(line["level"] as? String, "WARN")
      XCTAssertEqual(line["requestId"] as? String, "1")
      XCTAssertEqual(line["status"] as? Int, status)
    }
  }

  func testAnErrorThatIsNotTakenIsLoggedAndFollowedByNext() throws {
    for status in [400, 403, 410] {
      handler.answers = [.failure(.init(type: "Function.Broken", message: "broken"))]
      let (lines, _, _) = try run([event(id: "1"), .answer(status)], CollectedLog())
      XCTAssertEqual(lines, [next, "POST 1/error", next], "\(status)")
    }
  }

  func testAServerErrorOnAnAnswerEndsTheProcess() throws {
    for status in [500, 502] {
      let (lines, _, lost) = try run([event(id: "1"), .answer(status), event(id: "2")])
      XCTAssertEqual(lines, [next, "POST 1/response"])
      XCTAssertEqual(lost.description, "response was answered with status \(status)")
    }
    handler.answers = [.failure(.init(type: "Function.Broken", message: "broken"))]
    let (lines, _, lost) = try run([event(id: "1"), .answer(500), event(id: "2")])
    XCTAssertEqual(lines, [next, "POST 1/error"])
    XCTAssertEqual(lost.description, "error was answered with status 500")
  }

  func testAnyStatusOfNextButSuccessEndsTheProcess() throws {
    for status in [201, 202, 204, 301, 400, 403, 404, 429, 500, 503] {
      let (lines, _, lost) = try run([.answer(status), event(id: "1")])
      XCTAssertEqual(lines, [next])
      XCTAssertEqual(lost.description, "next was answered with status \(status)")
    }
    XCTAssertEqual(handler.invocations.count, 0)
  }

  func testAnAnswerWhoseConnectionBreaksIsSentOnceMore() throws {
    let (lines, server, _) = try run([
      lastOfItsConnection(id: "1"), .hangUp, .answer(202),
    ])

    XCTAssertEqual(lines, [next, "POST 1/response", "POST 1/response", next])
    XCTAssertEqual(server.requests[1].body, server.requests[2].body)
    XCTAssertEqual(handler.invocations.count, 1)
    XCTAssertEqual(try log.objects().map { $0["level"] as? String }, ["WARN"])
    let problem = try XCTUnwrap(log.objects().first?["error"] as? String)
    XCTAssertTrue(problem.hasPrefix("curl error 52: "), problem)
  }

  func testAnAnswerWhoseConnectionBreaksTwiceEndsTheProcess() throws {
    let (lines, _, lost) = try run([
      lastOfItsConnection(id: "1"), .hangUp, .hangUp, .answer(202),
    ])
    XCTAssertEqual(lines, [next, "POST 1/response", "POST 1/response"])
    XCTAssertTrue(
      lost.description.hasPrefix("response failed: curl error 52: "), lost.description)
  }

  func testAnErrorWhoseConnectionBreaksIsSentOnceMore() throws {
    handler.answers = [.failure(.init(type: "Function.Broken", message: "broken"))]
    let (lines, _, _) = try run([lastOfItsConnection(id: "1"), .hangUp, .answer(202)])
    XCTAssertEqual(lines, [next, "POST 1/error", "POST 1/error", next])
  }

  func testNextIsTriedAgainAFewTimesThenTheProcessEnds() throws {
    let (lines, _, lost) = try run([.hangUp, .hangUp, .hangUp, .hangUp, event(id: "1")])

    XCTAssertEqual(lines, [next, next, next, next])
    XCTAssertTrue(lost.description.hasPrefix("next failed: curl error 52: "), lost.description)
    XCTAssertEqual(handler.invocations.count, 0)
    XCTAssertEqual(log.lines.count, 3)
    for line in log.lines { XCTAssertTrue(line.contains("curl error 52: "), line) }
  }

  func testNextThatComesBackGetsAllItsAttemptsAgain() throws {
    let (lines, _, _) = try run([
      .hangUp, .hangUp, lastOfItsConnection(id: "1"), .answer(202, headers: ["Connection: close"]),
      .hangUp, .hangUp, event(id: "2"), .answer(202),
    ])
    XCTAssertEqual(
      lines, [next, next, next, "POST 1/response", next, next, next, "POST 2/response", next])
  }

  func testAnEventWithoutAnIDIsAskedForAgain() throws {
    let (lines, _, _) = try run([.answer(200), event(id: "1"), .answer(202)])
    XCTAssertEqual(lines, [next, next, "POST 1/response", next])
    XCTAssertTrue(try XCTUnwrap(log.lines.first).contains("Lambda-Runtime-Aws-Request-Id"))
  }

  func testEventsThatNeverHaveAnIDEndTheProcess() throws {
    let (lines, _, lost) = try run(Array(repeating: .answer(200), count: 6))
    XCTAssertEqual(lines, [next, next, next, next])
    XCTAssertEqual(
      lost.description, "next failed: the answer has no Lambda-Runtime-Aws-Request-Id")
  }

  func testAnEventThatIsTooLargeIsAnsweredWithAnErrorAndNotHandled() throws {
    let large = [UInt8](repeating: 0x20, count: (12 << 20) + 1)
    let (lines, server, _) = try run([
      event(id: "1", body: large), .answer(202), event(id: "2"), .answer(202),
    ])

    XCTAssertEqual(lines, [next, "POST 1/error", next, "POST 2/response", next])
    XCTAssertEqual(handler.invocations.map(\.requestID), ["2"])
    let type = try XCTUnwrap(server.requests[1].headers["lambda-runtime-function-error-type"])
    XCTAssertEqual(type, "Function.PayloadTooLarge")
    XCTAssertTrue(isReportedByLambda(type))
  }

  func testOnlyTheFirstInvocationCarriesTheStartUpTime() throws {
    _ = try run([
      event(id: "1"), .answer(202), event(id: "2"), .answer(202), event(id: "3"), .answer(202),
    ])
    let times = handler.invocations.map(\.startUpTime)
    XCTAssertEqual(times.count, 3)
    XCTAssertGreaterThanOrEqual(try XCTUnwrap(times.first), .seconds(3))
    XCTAssertEqual(times.dropFirst(), [.zero, .zero])
  }

  func testAFirstEventThatIsTooLargeKeepsTheStartUpTimeToItself() throws {
    let large = [UInt8](repeating: 0x20, count: (12 << 20) + 1)
    _ = try run([event(id: "1", body: large), .answer(202), event(id: "2"), .answer(202)])
    XCTAssertEqual(handler.invocations.map(\.startUpTime), [.zero])
  }

  /// Runs the loop until the script is over: the server answers the next `next` with 500 then.
  private func run(
    _ steps: [ScriptedServer.Step], _ other: CollectedLog? = nil
  ) throws -> (lines: [String], ScriptedServer, RuntimeLost) {
    let server = try ScriptedServer(steps)
    let api = try XCTUnwrap(RuntimeAPI(endpoint: server.endpoint, userAgent: "loop/1"))
    let loop = InvocationLoop(api: api, handler: handler, log: (other ?? log).log())
    let lost = loop.run(processStart: Instant.now().advanced(by: .seconds(-3)))
    let lines = server.requests.map {
      $0.line.replacingOccurrences(of: "/2018-06-01/runtime/invocation/", with: "")
    }
    return (lines, server, lost)
  }

  /// libcurl sends again by itself on a connection that it reuses: without one, each attempt is seen.
  private func lastOfItsConnection(id: String) -> ScriptedServer.Step {
    event(id: id, headers: ["Connection: close"])
  }
}

private final class Handler: InvocationHandler {
  var answers: [InvocationAnswer] = []
  private(set) var invocations: [Invocation] = []

  func handle(_ invocation: Invocation) -> InvocationAnswer {
    invocations.append(invocation)
    return answers.isEmpty ? .echo : answers.removeFirst()
  }
}
