import Clock
import Foundation

/// A running `pooltable local`; it ends with this process' last reference to it.
public final class LocalFunctionUnderTest {
  /// As it says itself.
  public let url: String
  private let process = Process()
  private let folder: URL

  /// - Parameter environment: beside PATH and the like; `DATABASE_URL` is not inherited.
  public init(_ arguments: [String] = [], environment: [String: String]) throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("pooltable-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for name in ["output", "errors"] { try Data().write(to: folder.appendingPathComponent(name)) }
    process.executableURL = TestEnvironment.products.appendingPathComponent("pooltable")
    process.arguments = ["local", "--port", "0"] + arguments
    var inherited = ProcessInfo.processInfo.environment
    inherited["DATABASE_URL"] = nil
    process.environment = inherited.merging(environment) { $1 }
    process.standardOutput = try FileHandle(
      forWritingTo: folder.appendingPathComponent("output"))
    process.standardError = try FileHandle(forWritingTo: folder.appendingPathComponent("errors"))
    try process.run()
    let errors = folder.appendingPathComponent("errors")
    var found: String?
    let deadline = Deadline.after(.seconds(30))
    while found == nil, !deadline.hasPassed, process.isRunning {
      Deadline.after(.milliseconds(10)).sleep()
      let text = String(decoding: (try? Data(contentsOf: errors)) ?? Data(), as: UTF8.self)
      // Its last line is there as well.
      guard text.hasSuffix("/dev/stdout\n") else { continue }
      found = text.split(whereSeparator: { $0 == " " || $0 == ";" })
        .first { $0.hasPrefix("http://") }.map(String.init)
    }
    guard let found else {
      let said = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
      throw TestEnvironment.Missing(description: "pooltable local does not start: \(said)")
    }
    url = found
  }

  deinit {
    if process.isRunning { process.terminate() }
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }

  public var processID: Int32 { process.processIdentifier }

  /// Lines of standard output so far.
  public func output() throws -> [String] { try lines("output") }

  /// Lines of standard error so far.
  public func errors() throws -> [String] { try lines("errors") }

  /// Waits until standard output has so many lines.
  public func waitForOutput(lines count: Int) throws -> [String] {
    try eventually("\(count) lines of output") { try output().count >= count }
    return try output()
  }

  /// The processes that it has started and that still run.
  public func children() throws -> [Int32] {
    let file = "/proc/\(processID)/task/\(processID)/children"
    return try String(contentsOfFile: file, encoding: .utf8).split(separator: " ")
      .compactMap { Int32($0) }
  }

  /// Asks it to end, as Control-C does.
  public func interrupt() { process.interrupt() }

  /// Waits for its end. - Returns: its exit code.
  public func exitCode() -> Int32 {
    process.waitUntilExit()
    return process.terminationStatus
  }

  private func lines(_ name: String) throws -> [String] {
    let text = String(
      decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
    return text.split(separator: "\n").map(String.init)
  }
}
