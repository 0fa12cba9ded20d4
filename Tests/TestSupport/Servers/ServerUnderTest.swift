import Clock
import Foundation
import LocalLambda
import Postgres

/// A PostgreSQL server of one test class, which it may stop, restart and configure.
///
/// Made by the same shell functions as the server of `scripts/test`.
public final class ServerUnderTest {
  public let port: Int
  public let password: String
  public let folder: URL
  private let name: String

  /// - Parameter settings: lines of `postgresql.conf`.
  public init(_ name: String, settings: [String] = []) throws {
    self.name = "postgres-\(name)"
    folder = TestEnvironment.packageRoot.appendingPathComponent(".build/postgres-\(name)")
    let output = try Self.shell(
      #"start_postgres "$@"; echo "$postgres_port $postgres_password""#, [self.name] + settings)
    let words = output.split(whereSeparator: \.isWhitespace)
    guard words.count == 2, let port = Int(words[0]) else {
      throw TestEnvironment.Missing(description: "no server: \(output)")
    }
    self.port = port
    password = String(words[1])
  }

  deinit {
    _ = try? Self.shell(#"postgres_data=$root/.build/$1; stop_postgres"#, [name])
  }

  public var url: String { "postgresql://postgres:\(password)@127.0.0.1:\(port)/postgres" }

  /// - Parameter mode: `smart`, `fast` or `immediate`.
  public func stop(mode: String = "fast") throws {
    try control("stop", "--mode=\(mode)")
  }

  public func start() throws {
    try control("start", "--options=-p \(port)", "--log=\(folder.path)/server.log")
  }

  public func restart(mode: String = "fast") throws {
    try control(
      "restart", "--mode=\(mode)", "--options=-p \(port)", "--log=\(folder.path)/server.log")
  }

  /// Makes it read its configuration and certificates again, and waits until new connections have them.
  public func reload() throws {
    let before = try loadTime()
    try control("reload")
    try eventually("a server that has reloaded") { try loadTime() != before }
  }

  /// When the process that makes the connections last read its configuration.
  private func loadTime() throws -> String? {
    let deadline = Deadline.after(.seconds(10))
    return try Connection.open(ConnectionParameters(parsing: url), until: deadline)
      .query("SELECT pg_conf_load_time()", until: deadline).text(row: 0, column: 0)
  }

  /// Puts a file where the server's user can read it, and nobody else.
  public func install(_ contents: Data, as fileName: String) throws {
    let file = folder.appendingPathComponent("data/\(fileName)")
    try contents.write(to: file)
    _ = try Self.shell(
      #"[ "$(id -u)" != 0 ] || chown postgres:postgres "$1"; chmod 600 "$1""#, [file.path])
  }

  private func control(_ arguments: String...) throws {
    _ = try Self.shell(
      #"as_server_user "$(postgres_bin)/pg_ctl" "$@" --wait --silent >/dev/null 2>&1"#,
      [arguments[0], "--pgdata=\(folder.path)/data"] + arguments.dropFirst())
  }

  /// Not Foundation's `Process`: it waits for every process that inherited its descriptors, and the
  /// server would be one.
  private static func shell(_ script: String, _ arguments: [String]) throws -> String {
    let output = FileManager.default.temporaryDirectory
      .appendingPathComponent("pooltable-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: output) }
    let preamble = """
      set -euo pipefail
      cd "$1"; exec >"$2"; shift 2
      . scripts/lib/setup.sh
      . scripts/lib/postgres.sh

      """
    let process = try BootstrapProcess(
      executable: "/bin/bash",
      arguments: [
        "-c", preamble + script, "scripts/test", TestEnvironment.packageRoot.path, output.path,
      ] + arguments,
      environment: ProcessInfo.processInfo.environment)
    guard process.waitForExit(until: .after(.seconds(120))) == .exited(0) else {
      let log = String(decoding: process.log, as: UTF8.self)
      throw TestEnvironment.Missing(description: "\(script): \(log)")
    }
    return String(decoding: try Data(contentsOf: output), as: UTF8.self)
  }
}
