import Clock
import Foundation
import LocalLambda
import TestSupport
import XCTest

/// Faults of the Lambda Runtime API, played by the one on loopback.
final class RuntimeFaultTests: XCTestCase {
  private func makeFunction() throws -> (FunctionUnderTest, TestDatabase) {
    let database = try TestDatabase()
    return (try FunctionUnderTest(on: database), database)
  }

  func testWhatTheProcessOutlivesCostsNoEvent() throws {
    let faults: [(String, RuntimeFault)] = [
      ("Runtime API closes the connection of next", .closeOnNext),
      ("Runtime API breaks off in the event", .closeInTheMiddleOfTheEvent),
      ("Runtime API sends the event slowly", .slowEvent(pieces: 20, pause: .milliseconds(20))),
      ("Runtime API sends 100 Continue first", .continueBeforeTheEvent),
      ("Runtime API closes on the answer", .closeOnAnswer),
      ("Runtime API closes after taking the answer", .closeAfterTakingAnswer),
      ("answer acknowledged with 400", .answerStatus(400)),
      ("answer acknowledged with 403", .answerStatus(403)),
      ("answer acknowledged with 410", .answerStatus(410)),
      ("answer acknowledged with 413", .answerStatus(413)),
      ("answer acknowledged with 200", .answerStatus(200)),
    ]
    let (warm, database) = try makeFunction()
    for (fault, played) in faults {
      let (cold, coldDatabase) = try makeFunction()
      for (function, database, temperature) in [
        (warm, database, "warm"), (cold, coldDatabase, "cold"),
      ] {
        let event = TestEvent("PostConfirmation_ConfirmSignUp").bytes
        let start = Instant.now()
        let answer = try function.invoke(event, fault: played)
        let elapsed = start.elapsed
        XCTAssertTrue(answer.echoes(event), fault)
        XCTAssertLessThan(elapsed, FaultTrial.limit, fault)
        XCTAssertEqual(
          try database.value(
            "SELECT count(*) FROM cognito.users WHERE sub = $1::uuid",
            [try TriggerEventSub.of(event)]), "1", fault)
        let next = TestEvent().bytes
        XCTAssertTrue(try function.invoke(next).echoes(next), "after: \(fault)")
        XCTAssertFalse(function.logText.contains("Function."), "no error may follow: \(fault)")
        FaultTable.record(
          fault: fault, temperature: temperature, elapsed: elapsed, seen: "nothing")
      }
    }
  }

  func testABrokenEnvironmentEndsTheProcessAtOnceWithOneFatalLine() throws {
    let faults: [RuntimeFault] = [
      .nextStatus(403), .nextStatus(500), .nextStatus(404), .nextStatus(204), .answerStatus(500),
      .answerStatus(503),
    ]
    for fault in faults {
      let (function, _) = try makeFunction()
      if case .nextStatus = fault {
        XCTAssertThrowsError(try function.invoke(TestEvent().bytes, fault: fault)) {
          XCTAssertEqual($0 as? LocalRuntimeError, .processEnded(.exited(1)), "\(fault)")
        }
      } else {
        _ = try function.invoke(TestEvent().bytes, fault: fault)
      }
      let end = function.process.waitForExit(until: .after(.seconds(10)))
      XCTAssertEqual(end, .exited(1), "\(fault)")
      let fatal = try function.logLines().filter { $0["level"] as? String == "FATAL" }
      XCTAssertEqual(fatal.count, 1, "\(fault)")
    }
  }

  func testTheSameEventHandedOutTwiceIsOneUser() throws {
    let (function, database) = try makeFunction()
    let event = TestEvent("PostConfirmation_ConfirmSignUp").bytes
    let envelope = EventEnvelope(requestID: "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
    for outcome in ["inserted", "unchanged"] {
      XCTAssertTrue(try function.invoke(event, envelope: envelope).echoes(event))
      XCTAssertEqual(try function.lastOutcome(), outcome)
    }
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.users"), "1")
  }

  func testMissingAndMalformedHeadersAreNoReasonToFail() throws {
    let (function, _) = try makeFunction()
    let id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
    let sets: [[(name: String, value: String)]] = [
      [("LAMBDA-RUNTIME-AWS-REQUEST-ID", id)],
      [("lambda-runtime-aws-request-id", id), ("Lambda-Runtime-Deadline-Ms", "soon")],
      [("Lambda-Runtime-Aws-Request-Id", id), ("Lambda-Runtime-Deadline-Ms", "")],
      [("Lambda-Runtime-Aws-Request-Id", id), ("Lambda-Runtime-Deadline-Ms", "-1")],
      [
        ("Lambda-Runtime-Aws-Request-Id", id),
        ("Lambda-Runtime-Deadline-Ms", "99999999999999999999999999"),
      ],
      [("Lambda-Runtime-Aws-Request-Id", id), ("Lambda-Runtime-Trace-Id", "")],
    ]
    for headers in sets {
      var envelope = EventEnvelope(requestID: id)
      envelope.headers = headers
      let event = TestEvent().bytes
      let answer = try function.invoke(event, envelope: envelope)
      XCTAssertTrue(answer.echoes(event), "\(headers) \(function.logText)")
      XCTAssertTrue(
        ["inserted", "unchanged"].contains(try function.lastOutcome()), "\(headers)")
    }
  }

  func testADeadlineThatHasPassedIsAnsweredAtOnce() throws {
    let (function, _) = try makeFunction()
    let id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
    let event = TestEvent("PostConfirmation_ConfirmSignUp").bytes
    let late = EventEnvelope(requestID: id, timeout: .milliseconds(100))
    guard
      case .error("Function.DatabaseUnavailable", _) =
        try function.invoke(event, envelope: late).kind
    else { return XCTFail(function.logText) }
    XCTAssertTrue(try function.invoke(event).echoes(event), function.logText)
  }

  func testAnEventOfSixMegabytesComesBackWhole() throws {
    let (function, database) = try makeFunction()
    // The largest that Lambda takes.
    let limit = 6 << 20
    var event = TestEvent()
    event.attributes["custom:large"] = ""
    let room = limit - event.bytes.count
    let large = String(repeating: "ä", count: room / 2) + String(repeating: "a", count: room % 2)
    event.attributes["custom:large"] = large
    let bytes = event.bytes
    XCTAssertEqual(bytes.count, limit)
    XCTAssertTrue(try function.invoke(bytes).echoes(bytes))
    XCTAssertEqual(try function.lastOutcome(), "inserted")
    XCTAssertEqual(
      try database.value("SELECT length(attributes ->> 'custom:large') FROM cognito.users"),
      "\(large.count)")
  }

  func testAnOverlappingRetryIsOneUserAndTheNewerStateStays() throws {
    let database = try TestDatabase()
    let relay = try TCPRelay(to: database.serverPort)
    let stalled = try FunctionUnderTest(environment: [
      "DATABASE_URL": database.urlForHandler(port: relay.port)
    ])
    let retry = try FunctionUnderTest(environment: ["DATABASE_URL": database.handlerURL])
    for function in [stalled, retry] {
      try function.runtime.waitForNext(process: function.process, until: .after(.seconds(20)))
    }
    var event = TestEvent("PostConfirmation_ConfirmSignUp", email: "old@example.com")
    let old = event.bytes
    relay.set(.hold)
    let done = DispatchSemaphore(value: 0)
    var answer: Answer?
    inBackground {
      answer = try? stalled.invoke(old)
      done.signal()
    }
    try eventually("a statement on its way") { relay.isHolding }
    event.attributes["email"] = "new@example.com"
    XCTAssertTrue(try retry.invoke(event).echoes(event.bytes))
    XCTAssertEqual(try retry.lastOutcome(), "inserted")
    relay.set(.forward)
    done.wait()
    XCTAssertEqual(answer?.echoes(old), true)
    XCTAssertEqual(try stalled.lastOutcome(), "stale")
    XCTAssertEqual(
      try database.query("SELECT email FROM cognito.users"), [["new@example.com"]])
  }
}
