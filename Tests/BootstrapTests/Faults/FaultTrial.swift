import Clock
import Foundation
import LocalLambda
import Postgres
import TestSupport
import XCTest

/// Plays one fault to a warm process and to one that has just started, and holds both to the promise:
/// one answer in time, the process alive, the next invocation after the fault well, nothing written
/// twice, nothing lost that was acknowledged.
struct FaultTrial {
  enum Temperature: String, CaseIterable {
    case warm, cold
  }

  /// Cognito's 5 seconds, less the way to it and back.
  static let limit = Duration.milliseconds(4500)

  var fault: String
  var database: TestDatabase
  var databaseURL: String
  var environment: [String: String] = [:]
  var temperatures = Temperature.allCases
  var inject: () throws -> Void
  var heal: () throws -> Void
  /// What the log must say while the fault lasts; nil: nothing in particular.
  var logged: String?
  /// Whether the fault falls into the time between two events, or before the first.
  var hitsIdleProcess = false
  /// Whether the user has a row already, from before the event, which the event changes.
  var userExists = false
  /// Whether the user must be written in spite of the fault.
  var mustBeWritten = false

  func play(file: StaticString = #filePath, line: UInt = #line) throws {
    for temperature in temperatures {
      let label = "\(fault), \(temperature.rawValue)"
      let event = TestEvent("PostConfirmation_ConfirmSignUp").bytes
      let sub = try TriggerEventSub.of(event)
      if userExists { try insertUser(sub) }
      let start: Instant
      let function: FunctionUnderTest
      switch temperature {
      case .warm:
        function = try makeFunction()
        let first = TestEvent("PostConfirmation_ConfirmSignUp").bytes
        XCTAssertTrue(try function.invoke(first).echoes(first), label, file: file, line: line)
        try inject()
        start = .now()
      case .cold where hitsIdleProcess:
        start = .now()
        function = try makeFunction()
        try function.runtime.waitForNext(process: function.process, until: .after(.seconds(12)))
        try inject()
      case .cold:
        try inject()
        start = .now()
        function = try makeFunction()
      }
      let answer = try function.invoke(event, within: .seconds(12))
      let elapsed = start.elapsed
      XCTAssertLessThan(elapsed, Self.limit, label, file: file, line: line)
      XCTAssertNil(function.process.exitStatus, label, file: file, line: line)
      let isEcho = answer.echoes(event)
      if !isEcho {
        guard case .error("Function.DatabaseUnavailable", let body) = answer.kind else {
          XCTFail("\(label): \(answer.kind)", file: file, line: line)
          return
        }
        XCTAssertNotNil(try JSONSerialization.jsonObject(with: Data(body)), file: file, line: line)
      }
      if mustBeWritten {
        XCTAssertTrue(isEcho, "\(label): \(function.logText)", file: file, line: line)
      } else if let logged {
        XCTAssertTrue(function.logText.contains(logged), function.logText, file: file, line: line)
      }

      try heal()
      if isEcho {
        // Acknowledged: it is there.
        XCTAssertEqual(try rows(of: sub), "1", label, file: file, line: line)
      }
      let after = try function.invoke(event, within: .seconds(12))
      XCTAssertTrue(
        after.echoes(event), "\(label), healed: \(function.logText)", file: file, line: line)
      XCTAssertEqual(try rows(of: sub), "1", "\(label), healed", file: file, line: line)
      FaultTable.record(
        fault: fault, temperature: temperature.rawValue, elapsed: elapsed,
        seen: isEcho ? "nothing" : "the error")
    }
  }

  private func makeFunction() throws -> FunctionUnderTest {
    try FunctionUnderTest(
      environment: ["DATABASE_URL": databaseURL].merging(environment) { $1 })
  }

  private func insertUser(_ sub: String) throws {
    try database.query(
      """
      INSERT INTO cognito.users (user_pool_id, sub, username, observed_at)
      VALUES ('eu-central-1_ExaMPLe01', $1::uuid, 'before', now() - interval '1 hour')
      """, [sub])
  }

  private func rows(of sub: String) throws -> String? {
    // A connection of its own: the fault may have cut the owner's.
    let connection = try database.connect()
    return try connection.query(
      "SELECT count(*) FROM cognito.users WHERE sub = $1::uuid", [sub], until: .after(.seconds(10))
    ).text(row: 0, column: 0)
  }
}

enum TriggerEventSub {
  static func of(_ event: [UInt8]) throws -> String {
    let object = try JSONSerialization.jsonObject(with: Data(event)) as? [String: Any]
    let request = object?["request"] as? [String: Any]
    let attributes = request?["userAttributes"] as? [String: Any]
    return try XCTUnwrap(attributes?["sub"] as? String)
  }
}

/// Collects what the README's table shows; `scripts/test` prints it.
enum FaultTable {
  static func record(fault: String, temperature: String, elapsed: Duration, seen: String) {
    guard let path = ProcessInfo.processInfo.environment["POOLTABLE_FAULT_TABLE"] else { return }
    let row = "\(fault)\t\(temperature)\t\(Int(elapsed.milliseconds.rounded()))\t\(seen)\n"
    guard let handle = FileHandle(forWritingAtPath: path) else { return }
    _ = try? handle.seekToEnd()
    try? handle.write(contentsOf: Data(row.utf8))
    try? handle.close()
  }
}
