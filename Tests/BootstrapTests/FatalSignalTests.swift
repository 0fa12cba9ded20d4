import Clock
import Foundation
import LocalLambda
import TestSupport
import XCTest

/// A trap of Swift's is a signal: the process says so, and dies of it.
final class FatalSignalTests: XCTestCase {
  private static let signals: [(number: Int32, name: String)] = [
    (SIGILL, "SIGILL"), (SIGTRAP, "SIGTRAP"), (SIGABRT, "SIGABRT"), (SIGBUS, "SIGBUS"),
    (SIGFPE, "SIGFPE"), (SIGSEGV, "SIGSEGV"),
  ]

  func testEachSignalIsToldInOneLineAndEndsTheProcess() throws {
    let database = try TestDatabase()
    for signal in Self.signals {
      let function = try FunctionUnderTest(on: database)
      try function.runtime.waitForNext(process: function.process, until: .after(.seconds(20)))
      function.process.send(signal: signal.number)
      XCTAssertEqual(
        function.process.waitForExit(until: .after(.seconds(10))), .killed(signal: signal.number))
      let lines = try function.logLines()
      XCTAssertEqual(lines.count, 1, function.logText)
      XCTAssertEqual(lines.first?["level"] as? String, "FATAL")
      XCTAssertEqual(
        lines.first?["message"] as? String, "killed by \(signal.name) while asking for an event")
      XCTAssertNil(lines.first?["requestId"])
      let time = try XCTUnwrap(lines.first?["timestamp"] as? String)
      let age = try XCTUnwrap(Timestamp(iso8601: time)).duration(to: .now())
      XCTAssertLessThan(age, .seconds(60))
      XCTAssertGreaterThanOrEqual(age, .zero)
    }
  }

  func testTheRequestThatWasBeingHandledIsNamed() throws {
    let database = try TestDatabase()
    let relay = try TCPRelay(to: database.serverPort)
    let url = database.urlForHandler(port: relay.port)
    let function = try FunctionUnderTest(
      environment: ["DATABASE_URL": url, "AWS_LAMBDA_LOG_FORMAT": "Text"], keeping: database)
    XCTAssertNotNil(try function.invoke(TestEvent()))
    relay.set(.swallow)
    let processID = function.process.processID
    inBackground(after: .milliseconds(500)) { kill(processID, SIGSEGV) }
    let event = TestEvent("PostConfirmation_ConfirmSignUp").bytes
    let id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
    XCTAssertThrowsError(try function.invoke(event, envelope: EventEnvelope(requestID: id))) {
      error in
      XCTAssertEqual(error as? LocalRuntimeError, .processEnded(.killed(signal: SIGSEGV)))
    }
    let line = try XCTUnwrap(function.logText.split(separator: "\n").last)
    XCTAssertTrue(
      line.hasSuffix(
        " FATAL killed by SIGSEGV while handling an event requestId=\(id)"), "\(line)")
  }

  func testTheRequestThatWasBeingAnsweredIsNamedAlsoWhereItsEventWasTooLarge() throws {
    let tooLarge = [UInt8](repeating: 0x20, count: (12 << 20) + 1)
    for event in [TestEvent("PreSignUp_SignUp").bytes, tooLarge] {
      // Takes the answer, and does not say so.
      let server = try ScriptedServer([
        .answer(200, headers: ["Lambda-Runtime-Aws-Request-Id: id-1"], body: event), .silence,
      ])
      let process = try BootstrapProcess(
        executable: TestEnvironment.bootstrap.path,
        environment: [
          "AWS_LAMBDA_RUNTIME_API": server.endpoint,
          "DATABASE_URL": "postgres://user@127.0.0.1:1/db?sslmode=disable",
          "LD_LIBRARY_PATH": ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] ?? "",
        ])
      try eventually("the invocation in hand") { server.requests.count >= 2 }
      process.send(signal: SIGBUS)
      XCTAssertEqual(
        process.waitForExit(until: .after(.seconds(10))), .killed(signal: SIGBUS))
      let log = String(decoding: process.log, as: UTF8.self)
      XCTAssertTrue(
        log.hasSuffix(" FATAL killed by SIGBUS while answering requestId=id-1\n"), log)
    }
  }
}
