import Foundation

/// What a README shows of a terminal: commands, and what each prints.
///
/// In an output "…" stands for any text, and a line of nothing else for any lines.
public struct DocumentedSession {
  public struct Step: Equatable {
    public var command: String
    public var output: [String] = []
  }

  public let steps: [Step]

  /// - Parameters:
  ///   - page: its path in the package.
  ///   - beginning: how the first command begins. The page has one such session for the class.
  ///   - file: named after the class that runs it.
  public init(
    in page: String, beginning: String, runBy file: String = #fileID
  ) throws {
    let fence = try DocumentedFence(
      in: page, language: "console", beginning: "$ \(beginning)", runBy: file)
    steps = Self.steps(of: fence.text.components(separatedBy: "\n"))
  }

  private static func steps(of lines: [String]) -> [Step] {
    var steps: [Step] = []
    for line in lines {
      guard !line.hasPrefix("$ "), var step = steps.popLast() else {
        steps.append(Step(command: String(line.dropFirst(2))))
        continue
      }
      let isQuoted = !step.command.count(where: { $0 == "\"" }).isMultiple(of: 2)
      if step.output.isEmpty, step.command.hasSuffix("\\") || isQuoted {
        step.command += "\n" + line
      } else {
        step.output.append(line)
      }
      steps.append(step)
    }
    return steps
  }

  /// Runs the commands as they stand, in one shell, in a folder that has `Fixtures`; `pooltable`, psql and the AWS
  /// command line are found.
  ///
  /// - Parameters:
  ///   - environment: with `DATABASE_URL`, and what the page says is set.
  ///   - files: their contents by name.
  /// - Returns: what printed something else than the page says.
  public func differences(
    _ environment: [String: String], files: [String: String] = [:]
  ) throws -> [String] {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("pooltable-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createSymbolicLink(
      at: folder.appendingPathComponent("Fixtures"), withDestinationURL: TestEnvironment.fixtures)
    for (name, text) in files {
      try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }
    let separator = "--- next ---"
    let script =
      "exec 2>&1\ncd \(folder.path)\n"
      + steps.map { "\($0.command)\nprintf '%s\\n' '\(separator)'\n" }.joined()
    let run = try CommandRun.shell("/bin/bash", script, environment)
    return differences(from: Array(run.output.components(separatedBy: "\(separator)\n").dropLast()))
  }

  /// - Parameter outputs: of each command; spaces at the end of a line do not count.
  /// - Returns: what is something else than the page says.
  public func differences(from outputs: [String]) -> [String] {
    guard outputs.count == steps.count else {
      return ["\(outputs.count) of \(steps.count) commands ended:\n\(outputs.joined())"]
    }
    return zip(steps, outputs).compactMap { step, output in
      let output = output.replacing(#/ +\n/#, with: "\n")
      return output.range(of: Self.pattern(of: step.output), options: .regularExpression) == nil
        ? "\(step.command)\nprinted\n\(output)in place of\n\(step.output.joined(separator: "\n"))"
        : nil
    }
  }

  private static func pattern(of lines: [String]) -> String {
    "^"
      + lines.map { line in
        line == "…"
          ? "(?:.*\n)*"
          : line.components(separatedBy: "…").map(NSRegularExpression.escapedPattern(for:))
            .joined(separator: ".*") + "\n"
      }.joined() + "$"
  }
}

extension MotoServer {
  /// What a session needs so that the AWS command line, too, finds this Cognito.
  public var sessionEnvironment: [String: String] {
    [
      "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
    ]
  }
}
