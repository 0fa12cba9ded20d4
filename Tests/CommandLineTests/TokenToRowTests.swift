import Foundation
import TestSupport
import XCTest

/// The README's page "From a token to a row": its commands are run as they stand, and print what it says.
final class TokenToRowTests: XCTestCase {
  /// A command and what it prints.
  private struct Step: Equatable {
    var command: String
    var output: [String] = []
  }

  func testTheCommandsOfTheREADME() throws {
    let steps = try steps()
    XCTAssertEqual(steps.count, 10)
    let database = try TestDatabase(migrated: false)
    // Roles are the whole server's.
    let drop = "DROP OWNED BY anon, authenticated CASCADE; DROP ROLE anon, authenticated"
    defer { try? database.execute(drop) }
    let moto = try MotoServer.shared
    let pool = try moto.createUserPool()
    let client = try moto.createClient(in: pool)
    let password = "Some-Password-1"
    for name in ["ada", "bob"] {
      try moto.signUp(
        name, password: password, attributes: ["email": "\(name)@example.com"], client: client)
      try moto.confirmSignUp(name, client: client)
    }
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("pooltable-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createSymbolicLink(
      at: folder.appendingPathComponent("Fixtures"), withDestinationURL: TestEnvironment.fixtures)

    let separator = "--- next ---"
    let script =
      "cd \(folder.path)\n"
      + steps.map { "\($0.command)\nprintf '%s\\n' '\(separator)'\n" }.joined()
    let python = try TestEnvironment.variable("POOLTABLE_TEST_PYTHON")
    let tools = URL(fileURLWithPath: python).deletingLastPathComponent().path
    let run = try CommandRun.run(
      URL(fileURLWithPath: "/bin/bash"), ["-c", "exec 2>&1\n" + script],
      [
        "PATH": "\(TestEnvironment.products.path):\(tools):/usr/bin:/bin",
        "DATABASE_URL": database.ownerURL, "pool": pool.text, "client": client,
        "password": password, "AWS_ENDPOINT_URL": moto.endpoint, "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": pool.region, "AWS_PAGER": "",
      ])
    let outputs = run.output.components(separatedBy: "\(separator)\n")
    XCTAssertEqual(outputs.count, steps.count + 1, run.output)
    for (step, output) in zip(steps, outputs) {
      let pattern = Self.pattern(of: step.output)
      XCTAssertNotNil(
        output.range(of: pattern, options: .regularExpression),
        "\(step.command)\nprinted\n\(output)\nin place of\n\(step.output.joined(separator: "\n"))")
    }
  }

  /// A line that is "…" stands for any lines, and "…" within one for any text.
  private static func pattern(of lines: [String]) -> String {
    "^"
      + lines.map { line in
        line == "…"
          ? "(?:.*\n)*"
          : line.components(separatedBy: "…").map(NSRegularExpression.escapedPattern(for:))
            .joined(separator: ".*") + "\n"
      }.joined() + "$"
  }

  private func steps() throws -> [Step] {
    let readme = try String(
      contentsOf: TestEnvironment.packageRoot.appendingPathComponent("README.md"), encoding: .utf8)
    let marker = try XCTUnwrap(readme.range(of: "by TokenToRowTests;"))
    let opening = try XCTUnwrap(
      readme.range(of: "```console\n", range: marker.upperBound..<readme.endIndex))
    let closing = try XCTUnwrap(
      readme.range(of: "\n```", range: opening.upperBound..<readme.endIndex))
    var steps: [Step] = []
    for line in readme[opening.upperBound..<closing.lowerBound].components(separatedBy: "\n") {
      if line.hasPrefix("$ ") {
        steps.append(Step(command: String(line.dropFirst(2))))
        continue
      }
      var step = try XCTUnwrap(steps.popLast(), "output without a command: \(line)")
      if step.output.isEmpty, step.command.hasSuffix("\\") {
        step.command += "\n" + line
      } else {
        step.output.append(line)
      }
      steps.append(step)
    }
    return steps
  }
}
