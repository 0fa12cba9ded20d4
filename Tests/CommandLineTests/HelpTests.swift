import ArgumentParser
import Foundation
import TestSupport
import TriggerFunction
import XCTest

@testable import CommandLine

/// What `--help` says of every command, those among them that are added later.
final class HelpTests: XCTestCase {
  func testEveryCommandHasAnExampleThatItTakes() throws {
    for command in commands {
      let calls = try bash(example(of: command), environment: ["PATH": ""])
        .output.split(separator: "\n").map { $0.split(separator: "\u{1F}").map(String.init) }
      XCTAssertFalse(calls.isEmpty, "\(name(of: command)): --help ends with no 'Example:'")
      var taken = false
      for arguments in calls {
        do {
          let parsed = try PoolTable.parseAsRoot(arguments)
          taken = taken || type(of: parsed) == command || command == PoolTable.self
        } catch {
          XCTFail("pooltable \(arguments): \(PoolTable.message(for: error))")
        }
      }
      XCTAssertTrue(taken, "the example of \(name(of: command)) is of another command")
    }
  }

  func testExamplesThatNeedADatabaseAloneDoWhatTheySay() throws {
    let database = try TestDatabase()
    try database.execute("INSERT INTO cognito.roles (name) VALUES ('editor')")
    let environment = [
      "PATH": TestEnvironment.products.path, "DATABASE_URL": database.ownerURL,
      "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "eu-central-1",
    ]
    let runs: [(any ParsableCommand.Type, String)] = [
      (InviteCommand.self, "ada@example.com"), (InvitationsCommand.self, "ada@example.com: editor"),
      (RevokeCommand.self, "1 invitation revoked"),
      (ForgetCommand.self, "0 users would be forgotten"),
      (PushCommand.self, ""), (LinkCommand.self, ""),
    ]
    for (command, words) in runs {
      let run = try bash(example(of: command), environment: environment)
      XCTAssertEqual(run.exitCode, 0, "\(name(of: command)): \(run.errors)")
      XCTAssertEqual(run.errors, "", name(of: command))
      if !words.isEmpty { XCTAssertTrue(run.output.contains(words), run.output) }
    }
  }

  func testWhateverMayBecomeOfAnEventIsTold() {
    let told = ReplayCommand.configuration.discussion.split(separator: "\n")
    for outcome in Outcome.allCases {
      XCTAssertTrue(told.contains { $0.hasPrefix("  \(outcome.rawValue) ") }, outcome.rawValue)
    }
  }

  func testTablesAndExamplesFitATerminalOf80Columns() {
    for command in commands {
      let help = PoolTable.helpMessage(for: command, columns: 80).split(separator: "\n")
      for line in command.configuration.discussion.split(separator: "\n")
      where line.hasPrefix("  ") {
        XCTAssertTrue(help.contains(line), "\(name(of: command)): \(line)")
      }
    }
  }

  /// swift-argument-parser leaves out of a manual page what is not ASCII, and takes a line that begins with one of these
  /// for a command to the formatter.
  func testTheManualPageLosesNothing() {
    for command in commands {
      let help = PoolTable.helpMessage(for: command, columns: 80)
      XCTAssertTrue(help.allSatisfy(\.isASCII), "\(name(of: command)): \(help)")
      for line in command.configuration.discussion.split(separator: "\n") {
        XCTAssertFalse(line.hasPrefix(".") || line.hasPrefix("'"), "\(name(of: command)): \(line)")
      }
    }
  }

  // MARK: -

  private var commands: [any ParsableCommand.Type] {
    var found: [any ParsableCommand.Type] = []
    var next: [any ParsableCommand.Type] = [PoolTable.self]
    while let command = next.popLast() {
      found.append(command)
      next += command.configuration.subcommands
    }
    return found
  }

  private func name(of command: any ParsableCommand.Type) -> String {
    command.configuration.commandName ?? "\(command)"
  }

  /// What follows the line `Example:`, to the end.
  private func example(of command: any ParsableCommand.Type) -> String {
    command.configuration.discussion.components(separatedBy: "\nExample:\n").dropFirst().last ?? ""
  }

  /// Runs lines as a user's shell would. Where PATH is empty, `pooltable` only prints what it is given, one call a line;
  /// and there is a file for the token.
  private func bash(_ lines: String, environment: [String: String]) throws -> CommandRun {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "help-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data().write(to: folder.appendingPathComponent("token.txt"))
    let script = """
      cd "$0" || exit
      [ -n "$PATH" ] || pooltable() { local IFS=$'\\037'; echo "$*" >>calls; }
      \(lines)
      status=$?
      [ ! -e calls ] || echo "$(<calls)"
      exit "$status"
      """
    return try CommandRun.run(
      URL(fileURLWithPath: "/bin/bash"), ["-c", script, folder.path], environment)
  }
}
