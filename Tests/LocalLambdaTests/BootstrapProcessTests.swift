import Clock
import Foundation
import LocalLambda
import XCTest

final class BootstrapProcessTests: XCTestCase {
  private var soon: Deadline { .after(.seconds(60)) }

  func testTheExitCodeIsReported() throws {
    for code in [Int32(0), 1, 42, 255] {
      XCTAssertEqual(try shell("exit \(code)").waitForExit(until: soon), .exited(code))
    }
  }

  func testAProcessThatASignalEndsIsReportedAsKilled() throws {
    XCTAssertEqual(
      try shell("kill -KILL $$").waitForExit(until: soon), .killed(signal: SIGKILL))
    XCTAssertEqual(
      try shell("kill -SEGV $$").waitForExit(until: soon), .killed(signal: SIGSEGV))
  }

  func testASignalReachesTheProcess() throws {
    let process = try shell("trap 'exit 7' TERM; echo ready >&2; while :; do sleep 0.01; done")
    try waitForLog(of: process, "ready\n")
    XCTAssertNil(process.exitStatus)
    process.send(signal: SIGTERM)
    XCTAssertEqual(process.waitForExit(until: soon), .exited(7))
  }

  func testAStatusIsKeptOnceItIsKnown() throws {
    let process = try shell("exit 5")
    XCTAssertEqual(process.waitForExit(until: soon), .exited(5))
    process.send(signal: SIGKILL)
    XCTAssertEqual(process.exitStatus, .exited(5))
    XCTAssertEqual(process.waitForExit(until: .after(.seconds(-1))), .exited(5))
  }

  func testWaitingForAProcessThatRunsOnEndsAtTheDeadline() throws {
    let start = Instant.now()
    let process = try shell("exec sleep 600")
    XCTAssertNil(process.waitForExit(until: .after(.milliseconds(50))))
    XCTAssertLessThan(start.elapsed, .seconds(30))
  }

  func testStandardErrorIsCapturedBeyondThePipesCapacity() throws {
    let process = try shell(
      "i=0; while [ $i -lt 3000 ]; do printf '%01000d' $i >&2; i=$((i+1)); done; printf end >&2")
    XCTAssertEqual(process.waitForExit(until: soon), .exited(0))
    XCTAssertEqual(process.log.count, 3_000_003)
    XCTAssertEqual(process.log.suffix(7), Array("2999end".utf8)[...])
  }

  func testWhatIsWrittenIsThereWhileTheProcessRuns() throws {
    let process = try shell("printf 'first\\n' >&2; exec sleep 600")
    try waitForLog(of: process, "first\n")
    XCTAssertNil(process.exitStatus)
  }

  func testTheEnvironmentIsTheOneGivenAndNothingElse() throws {
    let process = try BootstrapProcess(
      executable: "/usr/bin/env", arguments: ["sh", "-c", "env >&2"],
      environment: ["PATH": "/usr/bin:/bin", "GREETING": "a b=c"])
    XCTAssertEqual(process.waitForExit(until: soon), .exited(0))
    let names = Set(
      String(decoding: process.log, as: UTF8.self).split(separator: "\n")
        .compactMap { $0.split(separator: "=").first })
    XCTAssertTrue(String(decoding: process.log, as: UTF8.self).contains("GREETING=a b=c\n"))
    // PWD, SHLVL and _ are the shell's own.
    XCTAssertEqual(names.subtracting(["PWD", "OLDPWD", "SHLVL", "_"]), ["PATH", "GREETING"])
  }

  func testTheLastReferenceTakesTheProcessWithIt() throws {
    var process: BootstrapProcess? = try shell("exec sleep 600")
    let id = try XCTUnwrap(process).processID
    XCTAssertEqual(kill(id, 0), 0)
    process = nil
    XCTAssertEqual(kill(id, 0), -1)
    XCTAssertEqual(errno, ESRCH)
  }

  func testControlCReachesOnlyAProcessInItsParentsGroup() throws {
    for isInOwnGroup in [false, true] {
      let process = try BootstrapProcess(
        executable: "/bin/sleep", arguments: ["600"], environment: [:], isInOwnGroup: isInOwnGroup)
      XCTAssertEqual(
        getpgid(process.processID), isInOwnGroup ? process.processID : getpgid(0))
    }
  }

  func testAProgramThatIsMissingIsAnError() {
    XCTAssertThrowsError(try BootstrapProcess(executable: "/no/such/program", environment: [:])) {
      XCTAssertEqual(
        $0 as? LocalRuntimeError, .systemCall("posix_spawn /no/such/program", ENOENT))
    }
  }

  func testNoDescriptorIsLeftBehind() throws {
    let before = try openDescriptors()
    for _ in 1...10 {
      XCTAssertEqual(try shell("echo x >&2").waitForExit(until: soon), .exited(0))
      _ = try shell("exec sleep 600")
      _ = try? BootstrapProcess(executable: "/no/such/program", environment: [:])
    }
    XCTAssertEqual(try openDescriptors(), before)
  }

  private func shell(_ script: String) throws -> BootstrapProcess {
    try BootstrapProcess(
      executable: "/bin/sh", arguments: ["-c", script], environment: ["PATH": "/usr/bin:/bin"])
  }

  private func waitForLog(of process: BootstrapProcess, _ text: String) throws {
    while process.log != Array(text.utf8), !soon.hasPassed {
      process.readLog()
      Deadline.after(.milliseconds(1)).sleep()
    }
    XCTAssertEqual(String(decoding: process.log, as: UTF8.self), text)
  }

  private func openDescriptors() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
  }
}
