import Foundation
import TestSupport
import XCTest

/// What the scripts do before they set anything up.
final class ScriptTests: XCTestCase {
  private let scripts = TestEnvironment.packageRoot.appendingPathComponent("scripts")

  func testEveryScriptExplainsItselfAndDoesNothingElse() throws {
    for name in ["bench/run", "package", "replay", "scale", "soak", "test"] {
      for argument in ["--help", "-h"] {
        let run = try CommandRun.run(
          scripts.appendingPathComponent(name), [argument], ["PATH": "/usr/bin:/bin"])
        XCTAssertEqual(run.exitCode, 0, run.errors)
        XCTAssertTrue(run.output.contains("  scripts/\(name)"), "\(name): \(run.output)")
        XCTAssertEqual(run.errors, "", name)
      }
    }
  }

  func testPathsAreTheCallers() throws {
    let folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
    let run = try CommandRun.run(
      URL(fileURLWithPath: "/bin/bash"),
      ["-c", #"cd "$1" && . "$0/lib/setup.sh" && as_caller pwd && pwd"#, scripts.path, folder],
      ["PATH": "/usr/bin:/bin"])
    XCTAssertEqual(run.output, "\(folder)\n\(TestEnvironment.packageRoot.path)\n", run.errors)
  }
}
