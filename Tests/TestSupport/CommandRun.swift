import Foundation

/// One finished run of a program.
public struct CommandRun {
  public var exitCode: Int32
  public var output: String
  public var errors: String

  /// Runs `pooltable` from the build's products.
  /// - Parameters:
  ///   - environment: beside PATH and the like; `DATABASE_URL` is not inherited.
  ///   - input: on standard input.
  public static func pooltable(
    _ arguments: [String], environment: [String: String] = [:], input: String = ""
  ) throws -> CommandRun {
    try run(
      TestEnvironment.products.appendingPathComponent("pooltable"), arguments, environment,
      input: input)
  }

  /// Runs commands of a document's: `pooltable`, psql and the AWS command line are found.
  ///
  /// - Parameter shell: its path.
  public static func shell(
    _ shell: String, _ script: String, _ environment: [String: String]
  ) throws -> CommandRun {
    let python = try TestEnvironment.variable("POOLTABLE_TEST_PYTHON")
    let tools = URL(fileURLWithPath: python).deletingLastPathComponent().path
    return try run(
      URL(fileURLWithPath: shell), ["-c", script],
      [
        "PATH": "\(TestEnvironment.products.path):\(tools):/usr/bin:/bin", "AWS_PAGER": "",
        "AWS_DEFAULT_REGION": MotoServer.region,
      ].merging(environment) { $1 })
  }

  /// Runs a script in the tests' Python.
  ///
  /// - Parameter question: what the script finds in `question`; `json` and `sys` are imported.
  /// - Returns: what it printed, which must be JSON.
  static func python<Answer: Decodable>(
    _ script: String, _ question: some Encodable
  ) throws -> Answer {
    let python = URL(fileURLWithPath: try TestEnvironment.variable("POOLTABLE_TEST_PYTHON"))
    let json = String(decoding: try JSONEncoder().encode(question), as: UTF8.self)
    let opening = "import json, sys\nquestion = json.load(sys.stdin)\n"
    let run = try run(python, ["-c", opening + script], input: json)
    guard run.exitCode == 0 else { throw TestEnvironment.Missing(description: run.errors) }
    return try JSONDecoder().decode(Answer.self, from: Data(run.output.utf8))
  }

  public static func run(
    _ executable: URL, _ arguments: [String], _ environment: [String: String] = [:],
    input: String = ""
  ) throws -> CommandRun {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    var inherited = ProcessInfo.processInfo.environment
    inherited["DATABASE_URL"] = nil
    process.environment = inherited.merging(environment) { $1 }
    // Files, not pipes: nothing here can fill up and block.
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("pooltable-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = (0...2).map { folder.appendingPathComponent("\($0)") }
    let (output, errors) = (files[1], files[2])
    try Data(input.utf8).write(to: files[0])
    for file in [output, errors] {
      try Data().write(to: file)
    }
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    return CommandRun(
      exitCode: process.terminationStatus,
      output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
  }
}
