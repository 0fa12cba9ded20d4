import Foundation
import LocalLambda
import TestSupport
import XCTest

final class StartUpTests: XCTestCase {
  func testABadSettingIsReportedByNameAndEndsTheProcess() throws {
    let cases: [[String: String]] = [
      [:], ["DATABASE_URL": "canary-secret"],
      ["DATABASE_URL": "postgresql://u:canary@db:port/app"],
      ["DATABASE_URL": "postgresql://u:canary@db/app?sslmode=no-verify"],
      ["DATABASE_URL": "postgresql://u:canary@db/app?pgbouncer=true"],
      ["DATABASE_URL": "host=x", "USER_POOL_IDS": "nonsense"],
      ["DATABASE_URL": "host=x", "POST_CONFIRMATION_ON_FAILURE": "maybe"],
      ["DATABASE_URL": "host=x", "SYNC_BUDGET_MS": "soon"],
      ["DATABASE_URL": "host=x", "LOG_LEVEL": "LOUD"],
      ["DATABASE_URL": "host=x", "AWS_LAMBDA_MAX_CONCURRENCY": "10"],
      ["DATABASE_URL": "host=x", "WRITE_BACK_ATTRIBUTE": "email"],
      // No keys.
      ["DATABASE_URL": "host=x", "WRITE_BACK_ATTRIBUTE": "custom:userId"],
      ["DATABASE_URL": "host=x", "PUSH_ON_SCHEDULE": "on"],
    ]
    let names = [
      "DATABASE_URL", "DATABASE_URL", "DATABASE_URL", "DATABASE_URL", "DATABASE_URL",
      "USER_POOL_IDS", "POST_CONFIRMATION_ON_FAILURE",
      "SYNC_BUDGET_MS", "LOG_LEVEL", "AWS_LAMBDA_MAX_CONCURRENCY", "WRITE_BACK_ATTRIBUTE",
      "WRITE_BACK_ATTRIBUTE", "PUSH_ON_SCHEDULE",
    ]
    for (environment, name) in zip(cases, names) {
      let function = try FunctionUnderTest(environment: environment)
      XCTAssertThrowsError(try function.invoke(TestEvent()), name) { error in
        guard case .initializationError(let body)? = error as? LocalRuntimeError else {
          return XCTFail("\(name): \(error)")
        }
        let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
        let message = object?["errorMessage"] as? String ?? ""
        XCTAssertTrue(message.hasPrefix(name), message)
        XCTAssertFalse(message.contains("canary"))
        XCTAssertEqual(object?["errorType"] as? String, "Function.InvalidConfiguration")
      }
      XCTAssertEqual(function.process.waitForExit(until: .after(.seconds(10))), .exited(1), name)
      XCTAssertEqual(try function.logLines().map { $0["level"] as? String }, ["FATAL"])
      XCTAssertFalse(function.logText.contains("canary"))
    }
  }

  func testWithoutARuntimeAPITheProcessSaysSoAndFails() throws {
    let run = try CommandRun.run(TestEnvironment.products.appendingPathComponent("bootstrap"), [])
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(run.errors.contains("AWS_LAMBDA_RUNTIME_API"), run.errors)
  }

  func testADatabaseThatIsDownDoesNotStopTheStartAndIsTriedAgain() throws {
    let database = try TestDatabase()
    let port = try TCPRelay.unusedPort()
    let url = database.urlForHandler(port: port)
    let function = try FunctionUnderTest(environment: ["DATABASE_URL": url])
    let event = TestEvent("PostConfirmation_ConfirmSignUp")
    guard case .error(let type, let body) = try function.invoke(event).kind else {
      return XCTFail("answered as if written")
    }
    XCTAssertEqual(type, "Function.DatabaseUnavailable")
    XCTAssertFalse(String(decoding: body, as: UTF8.self).contains("\(port)"))
    XCTAssertEqual(try function.lastOutcome(), "failed")
    XCTAssertTrue(function.logText.contains("no connection to the database yet"))

    let relay = try TCPRelay(to: database.serverPort, port: port)
    XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
    XCTAssertEqual(try function.lastOutcome(), "inserted")
    withExtendedLifetime(relay) {}
  }

  func testSIGTERMEndsTheProcessQuietly() throws {
    let database = try TestDatabase()
    let function = try FunctionUnderTest(environment: ["DATABASE_URL": database.handlerURL])
    try function.runtime.waitForNext(process: function.process, until: .after(.seconds(20)))
    function.process.send(signal: SIGTERM)
    XCTAssertEqual(function.process.waitForExit(until: .after(.seconds(10))), .exited(0))
    XCTAssertEqual(function.logText, "")
  }

  func testALostRuntimeAPIEndsTheProcessWithOneFatalLine() throws {
    let database = try TestDatabase()
    var function: FunctionUnderTest? = try FunctionUnderTest(
      environment: ["DATABASE_URL": database.handlerURL])
    let process = try XCTUnwrap(function?.process)
    try function?.runtime.waitForNext(process: process, until: .after(.seconds(20)))
    function = nil
    XCTAssertEqual(process.waitForExit(until: .after(.seconds(20))), .exited(1))
    let lines = String(decoding: process.log, as: UTF8.self).split(separator: "\n")
    XCTAssertEqual(lines.filter { $0.contains("\"FATAL\"") }.count, 1, "\(lines)")
    XCTAssertTrue(lines.last?.contains("Runtime API is lost") == true)
  }

  func testNeitherFoundationNorNIOIsLoaded() throws {
    let database = try TestDatabase()
    let function = try FunctionUnderTest(environment: ["DATABASE_URL": database.handlerURL])
    _ = try function.invoke(TestEvent())
    // A file of /proc has no size that could be trusted: read to its end.
    let file = try FileHandle(
      forReadingFrom: URL(fileURLWithPath: "/proc/\(function.process.processID)/maps"))
    let maps = String(decoding: try XCTUnwrap(try file.readToEnd()), as: UTF8.self)
    XCTAssertTrue(maps.contains("libswiftCore.so"), "the library names have changed")
    // FoundationEssentials and ICU are libraries of their own.
    for name in ["Foundation", "NIO"] { XCTAssertFalse(maps.contains(name), name) }
  }
}
