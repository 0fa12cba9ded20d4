import Clock
import Foundation
import Synchronization
import TestSupport
import XCTest

/// `pooltable local` with the real `bootstrap`, called by AWS's own clients.
final class LocalCommandTests: XCTestCase {
  private var events: URL { TestEnvironment.fixtures.appendingPathComponent("events") }
  private var signIn: URL {
    events.appendingPathComponent("sources/PostAuthentication_Authentication.json")
  }

  func testBoto3SeesALambda() throws {
    let database = try TestDatabase()
    let folder = try temporaryFolder()
    let file = folder.appendingPathComponent("bootstrap")
    try FileManager.default.copyItem(at: TestEnvironment.bootstrap, to: file)
    let server = try LocalFunctionUnderTest(
      ["--json", "--timeout", "2", "--concurrency", "1", "--bootstrap", file.path],
      environment: ["DATABASE_URL": database.handlerURL])
    let event = TestEvent().bytes
    let story = try Boto3Lambda.story(
      url: server.url, processID: server.processID, file: file.path,
      event: String(decoding: event, as: UTF8.self))
    func told(_ step: String, _ index: Int) -> String {
      guard let told = story[step], told.indices.contains(index) else { return "nothing told" }
      return told[index]
    }

    for step in [
      "cold", "warm", "pooltable:live",
      "arn:aws:lambda:eu-central-1:123456789012:function:pooltable:$LATEST", "qualifier", "6 MB",
      "answered after all", "restarted", "after a time-out", "after an idle death", "another file",
      "found again",
      "before the queue",
    ] {
      XCTAssertEqual(story[step]?.prefix(4), ["200", "the same", "", "$LATEST"], step)
    }
    for step in [
      "cold", "restarted", "after a time-out", "after an idle death", "another file", "found again",
    ] {
      XCTAssertTrue(told(step, 4).contains("\tInit Duration: "), "\(step): \(told(step, 4))")
    }
    XCTAssertFalse(told("warm", 4).contains("Init Duration"), told("warm", 4))
    XCTAssertEqual(story["one process"], ["1"])
    XCTAssertEqual(story["other process"], ["True"])
    let id = told("warm", 5)
    let log = told("warm", 4).split(separator: "\n")
    XCTAssertEqual(log.first, "START RequestId: \(id) Version: $LATEST")
    XCTAssertTrue(log.dropFirst().first?.contains(#""outcome":"#) ?? false, told("warm", 4))
    XCTAssertEqual(log.dropLast().last, "END RequestId: \(id)")
    XCTAssertTrue(log.last?.hasPrefix("REPORT RequestId: \(id)\tDuration: ") ?? false)

    XCTAssertEqual(story["event"]?.prefix(4), ["202", "", "", ""])
    XCTAssertEqual(story["queued"]?.prefix(4), ["202", "", "", ""])
    XCTAssertEqual(story["dry run"]?.prefix(4), ["204", "", "", ""])

    let arn = "arn:aws:lambda:us-east-1:012345678912:function:other:$LATEST"
    XCTAssertEqual(
      story["unknown"],
      [
        "ResourceNotFoundException", "404", "ResourceNotFoundException",
        "Function not found: \(arn)",
        "User", "",
      ])
    XCTAssertEqual(
      story["throttled"],
      [
        "TooManyRequestsException", "429", "TooManyRequestsException", "Rate Exceeded.", "User",
        "ReservedFunctionConcurrentInvocationLimitExceeded",
      ])
    XCTAssertEqual(story["no JSON"]?.prefix(2), ["InvalidRequestContentException", "400"])
    for (step, limit) in [("more", 6_291_456), ("large event", 1_048_576)] {
      XCTAssertEqual(
        story[step]?[1...3],
        [
          "413", "RequestEntityTooLargeException",
          "Request must be smaller than \(limit) bytes for the InvokeFunction operation",
        ], step)
    }

    XCTAssertEqual(told("not taken", 2), "Unhandled")
    XCTAssertTrue(told("not taken", 1).contains("Function.InvalidEvent"), told("not taken", 1))
    let failures = [
      ("died", "Runtime.ExitError", "Runtime exited with error: signal: killed"),
      ("late", "Sandbox.Timedout", "Task timed out after 2.00 seconds"),
      ("no file", "Runtime.InvalidEntrypoint", "fork/exec \(file.path): no such file or directory"),
    ]
    for (step, type, message) in failures {
      XCTAssertEqual(told(step, 0), "200", step)
      XCTAssertEqual(
        told(step, 1),
        #"{"errorType":"\#(type)","errorMessage":"RequestId: \#(told(step, 5)) Error: \#(message)"}"#
      )
      XCTAssertEqual(told(step, 2), "Unhandled", step)
    }
    XCTAssertTrue(told("late", 4).hasSuffix("\tStatus: timeout\n"), told("late", 4))

    // The user is in the table, and each invocation has a line.
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.users"), "1")
    // The last one is in the queue.
    let rows = try server.waitForOutput(lines: 19).map {
      try XCTUnwrap(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    XCTAssertEqual(rows.first?["outcome"] as? String, "inserted")
    XCTAssertEqual(rows.first?["cold"] as? Bool, true)
    XCTAssertEqual(
      rows.first?["triggerSource"] as? String, "PostAuthentication_Authentication")
    XCTAssertEqual(rows.filter { $0["asynchronous"] as? Bool == true }.count, 2)
    XCTAssertEqual(rows.filter { $0["outcome"] as? String == "timed out" }.count, 1)
    XCTAssertEqual(rows.filter { $0["outcome"] as? String == "exited" }.count, 1)
    XCTAssertEqual(rows.count, 19)
    let errors = try server.errors()
    XCTAssertEqual(errors.filter { $0.hasPrefix("refused with ") }.count, 5)
    XCTAssertTrue(
      errors.contains { $0 == "refused with 429 TooManyRequestsException: Rate Exceeded." })
    XCTAssertTrue(
      errors.contains("bootstrap ended between two invocations: was killed by signal 9"))
  }

  func testTheCommandThatIsPrintedCallsTheFunction() throws {
    let database = try TestDatabase()
    let folder = try temporaryFolder()
    try FileManager.default.copyItem(at: signIn, to: folder.appendingPathComponent("event.json"))
    let server = try LocalFunctionUnderTest(
      ["--concurrency", "1"], environment: ["DATABASE_URL": database.handlerURL])
    let printed = try server.errors()
    let command = try XCTUnwrap(printed.last)
    let python = URL(fileURLWithPath: try TestEnvironment.variable("POOLTABLE_TEST_PYTHON"))
    let run = try CommandRun.run(
      URL(fileURLWithPath: "/bin/sh"), ["-c", "cd \"$0\" && \(command) | cat", folder.path],
      ["PATH": "\(python.deletingLastPathComponent().path):/usr/bin:/bin"])
    XCTAssertEqual(run.exitCode, 0, run.errors)
    let event = String(decoding: try Data(contentsOf: signIn), as: UTF8.self)
    XCTAssertTrue(run.output.hasPrefix(event), run.output)
    XCTAssertTrue(run.output.contains(#""ExecutedVersion": "$LATEST""#), run.output)
    XCTAssertFalse(run.output.contains("FunctionError"), run.output)
    let line = try XCTUnwrap(server.waitForOutput(lines: 1).last)
    try assertREADME(has: [printed[0], command, line], server.url)
    try assertControlCWaitsForTheInvocationInHand(server)
  }

  private func assertControlCWaitsForTheInvocationInHand(_ server: LocalFunctionUnderTest) throws {
    let children = try server.children()
    XCTAssertEqual(children.count, 1)
    for child in children { try StoppedProcess.stop(child, of: server.processID) }
    let url = server.url
    let done = DispatchSemaphore(value: 0)
    let answer = Mutex("")
    Thread.detachNewThread {
      let output = try? Self.curl(url, #"{"version":"1"}"#).output
      answer.withLock { $0 = output ?? "" }
      done.signal()
    }
    for child in children { try StoppedProcess.waitUntilCalled(child) }
    let queued = try Self.curl(url, "{}", header: "X-Amz-Invocation-Type: Event")
    XCTAssertTrue(queued.output.hasPrefix("HTTP/1.1 202 Accepted\r\n"), queued.output)
    server.interrupt()
    Deadline.after(.milliseconds(100)).sleep()
    for child in children { kill(child, SIGCONT) }
    XCTAssertEqual(server.exitCode(), 0)
    XCTAssertEqual(done.wait(timeout: .now() + 30), .success)
    XCTAssertTrue(answer.withLock { $0.hasPrefix("HTTP/1.1 200 OK\r\n") })
    for child in children { XCTAssertEqual(kill(child, 0), -1) }
    XCTAssertTrue(try server.errors().contains("1 call of the type Event had not begun"))
  }

  private static func curl(
    _ url: String, _ body: String, header: String = "X-Nothing: 1"
  ) throws -> CommandRun {
    try CommandRun.run(
      URL(fileURLWithPath: "/usr/bin/env"),
      [
        "curl", "--silent", "--include", "--data", body, "--header", header,
        "\(url)/2015-03-31/functions/pooltable/invocations",
      ])
  }

  func testWhatCannotStartIsTheAnswerAndWhatCannotServeAnError() throws {
    let server = try LocalFunctionUnderTest(
      environment: ["DATABASE_URL": "host=127.0.0.1", "USER_POOL_IDS": "nonsense"])
    let taken = server.url.split(separator: ":").last.map(String.init) ?? ""
    let cases: [([String], code: Int32, words: String)] = [
      (["--port", taken], 1, "port \(taken) is taken"),
      (["--bootstrap", "/no/such/program"], 1, "no such program"),
      (["--timeout", "0"], 64, "--timeout must be"),
      (["--timeout", "16min"], 64, "--timeout must be"),
      (["--concurrency", "0"], 64, "--concurrency must be"),
      (["--function-name", "a b"], 64, "--function-name must be"),
    ]
    for (arguments, code, words) in cases {
      let run = try CommandRun.pooltable(["local"] + arguments)
      XCTAssertEqual(run.exitCode, code, words)
      XCTAssertTrue(run.errors.contains(words), run.errors)
    }
    let large = try temporaryFolder().appendingPathComponent("large")
    try Data(repeating: UInt8(ascii: "1"), count: 7 << 20).write(to: large)
    let refused = try Self.curl(server.url, "@\(large.path)")
    XCTAssertEqual(
      refused.output.components(separatedBy: "HTTP/1.1 ").dropFirst().map { $0.prefix(3) },
      ["100", "413"])
    let run = try Self.curl(server.url, "{}")
    XCTAssertTrue(run.output.contains("X-Amz-Function-Error: Unhandled\r\n"), run.output)
    XCTAssertTrue(run.output.contains("USER_POOL_IDS"), run.output)
    let line = try XCTUnwrap(server.waitForOutput(lines: 1).last)
    XCTAssertTrue(line.contains("  failed  "), line)
    XCTAssertTrue(line.contains("bootstrap could not start: "), line)
  }

  /// What differs from run to run: the port, times of day, and milliseconds.
  private func assertREADME(has lines: [String], _ url: String) throws {
    func normalized(_ text: String) -> String {
      text.replacingOccurrences(of: url, with: "http://127.0.0.1:9000")
        .replacingOccurrences(
          of: #"^\d\d:\d\d:\d\d"#, with: "08:35:10", options: .regularExpression
        )
        .replacingOccurrences(of: #" +\d+\.\d\d  "#, with: " 1.23  ", options: .regularExpression)
    }
    let session = try DocumentedSession(
      in: "Sources/CommandLine/README.md", beginning: "pooltable local")
    XCTAssertEqual(session.steps.map { $0.output.map(normalized) }, [lines.map(normalized)])
  }

  private func temporaryFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("pooltable-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    addTeardownBlock { try? FileManager.default.removeItem(at: folder) }
    return folder
  }
}
