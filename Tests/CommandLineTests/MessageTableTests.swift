import Foundation
import TestSupport
import XCTest

/// `scripts/lib/messages.py` finds every way in which the sources tell an error.
final class MessageTableTests: XCTestCase {
  private let source = ##"""
    // CommandFailure("in a comment")
    struct Sample: Error, CustomStringConvertible {
      var description: String { "it is \(name)'s" }
    }
    extension MergeProblem {
      func text() -> String {
        switch self {
        case .one: "\(place): one (\(a ? "yes, inside" : "no")); do this"
        case .two:
          "two, " + "goes on " + name + " and ends, "
            + (cause ?? "a cause unknown")
        }
      }
    }
    struct Command {
      func validate() throws { throw ValidationError(#"give "either" or"#) }
      func run() throws {
        if text.hasPrefix("this is compared only") { throw CommandFailure("\(path): it failed | why") }
        StandardError.print("refused: look here")
        StandardError.print("told, and then it ends")
        throw ExitCode(3)
      }
      static let failure = InvocationFailure(type: "Function.Sample", message: "Try again, please")
      let other = "no error at all"
    }
    """##

  private let sql = """
    RAISE EXCEPTION 'it was not to be';
    RAISE SQLSTATE 'PT404' USING MESSAGE = format('there is no %s', name);
    RAISE EXCEPTION 'to be taken back' USING ERRCODE = 'PT000';
    """

  func testEveryMessageIsFoundWithHowItEnds() throws {
    let root = FileManager.default.temporaryDirectory
      .appendingPathComponent("pooltable-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    for (path, text) in [
      ("Sources/CommandLine/Sample.swift", source), ("Sources/Some/SQL/0001_sample.sql", sql),
    ] {
      let file = root.appendingPathComponent(path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    let script = TestEnvironment.packageRoot.appendingPathComponent("scripts/lib/messages.py").path
    func run(_ arguments: String...) throws -> CommandRun {
      try CommandRun.run(
        URL(fileURLWithPath: try TestEnvironment.variable("POOLTABLE_TEST_PYTHON")),
        [script, "--root", root.path] + arguments, [:])
    }
    let found = try run()
    XCTAssertEqual(found.exitCode, 0, found.errors)
    XCTAssertEqual(
      found.output.split(separator: "\n").filter {
        $0.hasPrefix("| ") && !$0.hasPrefix("| message")
      },
      [
        "| it is …'s | 1 | Sample |", "| …: one (…); do this | 1 | Sample |",
        "| a cause unknown | 1 | Sample |",
        "| two, goes on … and ends, … | 1 | Sample |",
        #"| give "either" or | 64 | Sample |"#,
        #"| …: it failed \| why | 1 | Sample |"#,
        "| refused: look here | beside | Sample |",
        "| told, and then it ends | 3 | Sample |",
        "| Try again, please | Function.Sample | Sample |",
        "| it was not to be | SQLSTATE P0001 | 0001_sample.sql |",
        "| there is no … | SQLSTATE PT404 | 0001_sample.sql |",
      ])
    XCTAssertTrue(try run("--check").errors.contains("MESSAGES.md is not what the sources say"))
    _ = try run("--write")
    XCTAssertFalse(try run("--check").errors.contains("MESSAGES.md"))
  }
}
