import Clock
import Foundation
import LocalLambda
import TestSupport
import XCTest

@testable import CommandLine

/// `pooltable jwks`, as it runs beside PostgREST.
final class JWKSCommandTests: XCTestCase {
  private let folder = TemporaryFolder()
  private var file: URL { folder.url.appendingPathComponent("keys.json") }

  private func answer(_ keySet: String) -> ScriptedServer.Step {
    .answer(200, body: Array(keySet.utf8))
  }

  private func watch(
    _ server: ScriptedServer, _ arguments: [String] = [], database: String = ""
  ) throws -> BootstrapProcess {
    try BootstrapProcess(
      executable: TestEnvironment.products.appendingPathComponent("pooltable").path,
      arguments: [
        "jwks", "--user-pool-id", TestToken.pool, "--watch", file.path, "--interval", "1s",
      ] + arguments,
      environment: [
        "PATH": "/usr/bin:/bin", "AWS_ENDPOINT_URL": "http://\(server.endpoint)",
        "DATABASE_URL": database,
      ])
  }

  private func told(_ process: BootstrapProcess) -> String {
    process.readLog()
    return String(decoding: process.log, as: UTF8.self)
  }

  private func mode() throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
  }

  func testTheKeysThatVerifyTokensArePrinted() throws {
    let keySet = try PyJWTTokens.signed([]).keySet
    let server = try ScriptedServer([answer(keySet), .answer(503)])
    let environment = ["AWS_ENDPOINT_URL": "http://\(server.endpoint)"]
    let arguments = ["jwks", "--user-pool-id", TestToken.pool, "--issuer-region", "us-west-2"]
    let run = try CommandRun.pooltable(arguments, environment: environment)
    XCTAssertEqual(run.exitCode, 0, run.errors)
    let printed = try XCTUnwrap(
      try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: [[String: String]]]
    )
    let served = try XCTUnwrap(
      try JSONSerialization.jsonObject(with: Data(keySet.utf8)) as? [String: [[String: String]]])
    XCTAssertEqual(
      printed["keys"],
      ["bare", "pool"].compactMap { id in served["keys"]?.first { $0["kid"] == id } })
    XCTAssertEqual(
      server.requests.map(\.line), ["GET /\(TestToken.pool)/.well-known/jwks.json"],
      "one endpoint has the keys of every issuer")

    let away = try CommandRun.pooltable(arguments, environment: environment)
    XCTAssertEqual(away.exitCode, 3)
    XCTAssertEqual(away.output, "")
    XCTAssertEqual(
      away.errors,
      "the user pool's keys could not be had from 127.0.0.1: the answer is 503 (try again later)\n")
  }

  func testTheFileFollowsTheKeysAndPostgRESTIsTold() throws {
    let database = try TestDatabase()
    let (old, new) = (try PyJWTTokens.signed([]).keySet, try PyJWTTokens.signed([]).keySet)
    let server = try ScriptedServer([
      answer(old), answer(old), .answer(500), answer(#"{"keys":[]}"#), answer(new), answer(new),
      answer(new), answer(new), answer(new), answer(new),
    ])
    let listener = try database.connect()
    _ = try listener.query("LISTEN pgrst", until: .after(.seconds(10)))
    let payloads = Payloads(of: database.ownerURL)

    let watcher = try watch(server, ["--notify"], database: database.ownerURL)
    defer { watcher.send(signal: SIGKILL) }
    try eventually("written") { FileManager.default.fileExists(atPath: file.path) }
    let first = try Data(contentsOf: file)
    XCTAssertTrue(try listener.waitForNotification(until: .after(.seconds(10))))
    XCTAssertEqual(try mode(), 0o644)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)

    try eventually("asked again, and refused") { server.requests.count >= 4 }
    XCTAssertEqual(try Data(contentsOf: file), first, "what is not had leaves the file")
    XCTAssertTrue(
      told(watcher).contains("keys.json stays as it is, asking again in 1 s"), told(watcher))
    XCTAssertTrue(try !listener.waitForNotification(until: .after(.zero)), "nothing changed")

    try eventually("written anew") { try Data(contentsOf: file) != first }
    XCTAssertTrue(try listener.waitForNotification(until: .after(.seconds(10))))
    XCTAssertEqual(try mode(), 0o600, "its permissions stay")
    try eventually("asked again") { server.requests.count >= 6 }
    XCTAssertEqual(
      try FileManager.default.contentsOfDirectory(atPath: folder.url.path), ["keys.json"])
    XCTAssertEqual(told(watcher).components(separatedBy: "2 keys written").count, 3, told(watcher))
    XCTAssertNil(watcher.exitStatus)

    watcher.send(signal: SIGTERM)
    XCTAssertEqual(watcher.waitForExit(until: .after(.seconds(10))), .exited(0))
    XCTAssertEqual(try payloads.all(), ["reload config", "reload config"])
  }

  func testAFileThatHoldsTheKeysIsLeftAlone() throws {
    let keySet = try PyJWTTokens.signed([]).keySet
    let server = try ScriptedServer([
      answer(keySet), answer(keySet), answer(keySet), answer(keySet),
    ])
    let run = try CommandRun.pooltable(
      ["jwks", "--user-pool-id", TestToken.pool],
      environment: ["AWS_ENDPOINT_URL": "http://\(server.endpoint)"])
    try Data(run.output.utf8).write(to: file)
    let watcher = try watch(server)
    try eventually("asked twice") { server.requests.count >= 3 }
    watcher.send(signal: SIGINT)
    XCTAssertEqual(watcher.waitForExit(until: .after(.seconds(10))), .exited(0))
    XCTAssertEqual(told(watcher), "")
  }

  func testPostgRESTIsToldOnceTheDatabaseIsThere() throws {
    let keySet = try PyJWTTokens.signed([]).keySet
    let server = try ScriptedServer([answer(keySet), answer(keySet), answer(keySet)])
    let port = try TCPRelay.unusedPort()
    let watcher = try watch(
      server, ["--notify"], database: "postgresql://ada:secret-word@127.0.0.1:\(port)/x")
    try eventually("told twice") {
      told(watcher).components(separatedBy: "PostgREST was not told").count >= 3
    }
    XCTAssertTrue(told(watcher).contains("2 keys written"), told(watcher))
    XCTAssertFalse(told(watcher).contains("secret-word"), told(watcher))
    XCTAssertNil(watcher.exitStatus)
    watcher.send(signal: SIGINT)
    XCTAssertEqual(watcher.waitForExit(until: .after(.seconds(10))), .exited(0))
  }

  func testWhatNoWaitingMendsEndsIt() throws {
    let keySet = try PyJWTTokens.signed([]).keySet
    let server = try ScriptedServer([answer(keySet)])
    let arguments = ["jwks", "--user-pool-id", TestToken.pool]
    let environment = ["AWS_ENDPOINT_URL": "http://\(server.endpoint)"]
    let run = try CommandRun.pooltable(
      arguments + ["--watch", "/nonexistent/keys.json"], environment: environment)
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(
      run.errors.contains("/nonexistent/keys.json: cannot be written: No such file or directory"),
      run.errors)
    let rows: [(arguments: [String], code: Int32, text: String)] = [
      (["--notify"], 64, "--notify needs --watch"),
      (["--watch", file.path, "--interval", "0s"], 64, "from 1 second to a day"),
      (["--watch", file.path, "--notify"], 1, "--database-url"),
    ]
    for row in rows {
      let run = try CommandRun.pooltable(arguments + row.arguments, environment: environment)
      XCTAssertEqual(run.exitCode, row.code, row.text)
      XCTAssertTrue(run.errors.contains(row.text), run.errors)
    }
  }

  func testNobodyEverReadsHalfAFile() throws {
    let contents = [UInt8(ascii: "a"), UInt8(ascii: "b")].map {
      [UInt8](repeating: $0, count: 50_000)
    }
    try FileReplacement.write(contents[0], to: file.path)
    let reader = FileReader(file.path, contents)
    defer { reader.stop() }
    for round in 1...100 { try FileReplacement.write(contents[round % 2], to: file.path) }
    try eventually("read") { reader.reads > 50 }
    XCTAssertEqual(reader.torn, 0)
    XCTAssertEqual(
      try FileManager.default.contentsOfDirectory(atPath: folder.url.path), ["keys.json"])
  }
}

/// Reads a file again and again, in a thread of its own, until it is stopped.
private final class FileReader: @unchecked Sendable {
  private let path: String
  private let contents: [[UInt8]]
  private let lock = NSLock()
  private var counts = (reads: 0, torn: 0)
  private var isDone = false

  init(_ path: String, _ contents: [[UInt8]]) {
    self.path = path
    self.contents = contents
    Thread.detachNewThread { self.run() }
  }

  func stop() { lock.withLock { isDone = true } }

  var reads: Int { lock.withLock { counts.reads } }
  /// How often the file held neither content.
  var torn: Int { lock.withLock { counts.torn } }

  private func run() {
    while !lock.withLock({ isDone }) {
      let read = FileReplacement.contents(of: path, upTo: 100_000)
      lock.withLock {
        counts.reads += 1
        if read.map(contents.contains) != true { counts.torn += 1 }
      }
    }
  }
}

/// What is sent along with notifications, which the driver does not keep: psql prints it.
private final class Payloads {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()

  init(of url: String) {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["psql", "--no-psqlrc", "--quiet", url]
    process.standardInput = input
    process.standardOutput = output
    try? process.run()
    write("LISTEN pgrst;\nSELECT 'listening';\n")
    var read = Data()
    while !String(decoding: read, as: UTF8.self).contains("listening") {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { break }
      read += more
    }
  }

  /// Asks once more, and ends.
  func all() throws -> [String] {
    write("SELECT 1;\n\\q\n")
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text.matches(of: /"pgrst" with payload "([^"]*)"/).map { String($0.1) }
  }

  private func write(_ text: String) {
    input.fileHandleForWriting.write(Data(text.utf8))
  }
}
