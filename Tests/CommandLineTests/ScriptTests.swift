import Foundation
import TestSupport
import XCTest

/// What the scripts do before they set anything up.
final class ScriptTests: XCTestCase {
  private let scripts = TestEnvironment.packageRoot.appendingPathComponent("scripts")
  private let environment = ["PATH": "/usr/bin:/bin"]

  func testEveryScriptExplainsItselfAndDoesNothingElse() throws {
    for name in [
      "bench/hashes", "bench/run", "documentation", "install", "journey", "package", "paths",
      "play", "replay", "scale", "soak", "test", "ways",
    ] {
      for arguments in [["--help"], ["-h"], ["x", "--help"]] {
        let run = try CommandRun.run(scripts.appendingPathComponent(name), arguments, environment)
        XCTAssertEqual(run.exitCode, 0, run.errors)
        XCTAssertTrue(run.output.contains("  scripts/\(name)"), "\(name): \(run.output)")
        XCTAssertEqual(run.errors, "", name)
      }
    }
  }

  func testPathsAreTheCallers() throws {
    let folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
    let run = try bash(#"cd "$1" && . "$0/lib/setup.sh" && as_caller pwd && pwd"#, folder)
    XCTAssertEqual(run.output, "\(folder)\n\(TestEnvironment.packageRoot.path)\n", run.errors)
  }

  func testNothingIsLeftOfMotoWhenItIsStopped() throws {
    let folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appendingPathComponent("pooltable-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // In Python's place: it notes its process and where it is, and serves.
    let moto = folder.appendingPathComponent("moto")
    try Data("#!/bin/bash\necho $$ >pid\necho http://x >\"$2\"\nexec sleep 30\n".utf8)
      .write(to: moto)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: moto.path)
    let run = try bash(
      """
      cd "$1" && . "$0/lib/setup.sh" && . "$0/lib/cognito.sh" && python=$1/moto && start_cognito &&
        kill -0 "$(cat "$1/pid")" && echo "runs at $AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"
      stop_cognito
      wait "$cognito_process" 2>/dev/null
      kill -0 "$(cat "$1/pid")" 2>/dev/null || echo stopped
      """, folder.path)
    XCTAssertEqual(run.output, "runs at http://x\nstopped\n", run.errors)
  }

  /// - Parameter argument: `$1`; `$0` is the folder of the scripts.
  private func bash(_ commands: String, _ argument: String) throws -> CommandRun {
    try CommandRun.run(
      URL(fileURLWithPath: "/bin/bash"), ["-c", commands, scripts.path, argument], environment)
  }
}
