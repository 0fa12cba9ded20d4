import Foundation
import LocalLambda
import Synchronization
import TestSupport
import XCTest

/// What becomes of a user whom several events show.
final class SyncTests: XCTestCase {
  func testFirstSightSecondSightAndChangedEmail() throws {
    let database = try TestDatabase()
    let function = try FunctionUnderTest(environment: ["DATABASE_URL": database.handlerURL])
    var event = TestEvent(email: "ada@example.com")
    let steps = [
      ("ada@example.com", "inserted"), ("ada@example.com", "unchanged"),
      ("ada@example.org", "updated"), ("Ada@Example.org", "updated"),
      ("Ada@Example.org", "unchanged"),
    ]
    for (email, outcome) in steps {
      event.attributes["email"] = email
      XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
      XCTAssertEqual(try function.lastOutcome(), outcome, email)
      XCTAssertEqual(try database.value("SELECT email FROM cognito.users"), email)
    }
  }

  func testOfWhatTheClientSendsWithASignUpTheRowKeepsWhatIsAskedFor() throws {
    let row = """
      SELECT client_metadata, sign_up_client_id FROM cognito.users
      WHERE sub = '3f1c2d4e-5a6b-4c7d-8e9f-0a1b2c3d4e5f'
      """
    let file = TestEnvironment.fixtures
      .appendingPathComponent("events/variations/client-metadata.json")
    let event = Array(try Data(contentsOf: file))
    for (keys, kept) in [
      ("referral", [#"{"referral": "1234567"}"#, "7exampleclientid"]),
      (
        "referral,inviteToken,none",
        [#"{"referral": "1234567", "inviteToken": "t-1"}"#, "7exampleclientid"]
      ),
      ("none", [nil, "7exampleclientid"]), ("", [nil, nil]),
    ] {
      let database = try TestDatabase()
      let function = try FunctionUnderTest(
        environment: ["DATABASE_URL": database.handlerURL, "CLIENT_METADATA_KEYS": keys])
      for outcome in ["inserted", "unchanged"] {
        XCTAssertTrue(try function.invoke(event).echoes(event))
        XCTAssertEqual(try function.lastOutcome(), outcome, keys)
        XCTAssertEqual(try database.query(row), [kept], keys)
      }
      // A new password is told of as a confirmation, too, and anybody can send more with it.
      let later = Array(
        String(decoding: event, as: UTF8.self)
          .replacingOccurrences(
            of: "PostConfirmation_ConfirmSignUp", with: "PostConfirmation_ConfirmForgotPassword"
          )
          .replacingOccurrences(of: "1234567", with: "7654321").utf8)
      XCTAssertNotEqual(later, event)
      XCTAssertTrue(try function.invoke(later).echoes(later))
      XCTAssertEqual(try database.query(row), [kept], keys)
    }
  }

  func testWhatIsTooLongOrNoTextIsLeftOutAndTheUserIsWritten() throws {
    let database = try TestDatabase()
    let function = try FunctionUnderTest(
      environment: ["DATABASE_URL": database.handlerURL, "CLIENT_METADATA_KEYS": "a,b,c"])
    let text = String(decoding: TestEvent("PostConfirmation_ConfirmSignUp").bytes, as: UTF8.self)
    let long = String(repeating: "x", count: 1025)
    let event = Array(
      text.replacingOccurrences(
        of: #""request":{"#,
        with: #""request":{"clientMetadata":{"a":"\#(long)","b":{"secret":1},"c":"kept"},"#
      ).utf8)
    XCTAssertTrue(try function.invoke(event).echoes(event))
    let report = try XCTUnwrap(function.reports().last)
    XCTAssertEqual(report["outcome"] as? String, "inserted")
    XCTAssertEqual(report["level"] as? String, "WARN")
    XCTAssertEqual(
      report["problem"] as? String,
      "the client sent no text of at most 1024 bytes, so that nothing is kept, for: a, b")
    XCTAssertFalse(function.logText.contains("xxx") || function.logText.contains("secret"))
    XCTAssertEqual(
      try database.value("SELECT client_metadata FROM cognito.users"), #"{"c": "kept"}"#)
  }

  func testAnEventThatIsOlderThanTheRowIsStale() throws {
    let database = try TestDatabase()
    let function = try FunctionUnderTest(environment: ["DATABASE_URL": database.handlerURL])
    var event = TestEvent(email: "old@example.com")
    _ = try function.invoke(event)
    try database.execute(
      "UPDATE cognito.users SET email = 'newer@example.com', observed_at = now() + interval '1 min'"
    )
    event.attributes["email"] = "other@example.com"
    XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
    XCTAssertEqual(try function.lastOutcome(), "stale")
    XCTAssertEqual(try database.value("SELECT email FROM cognito.users"), "newer@example.com")
  }

  func testTheSameEventFromEightProcessesAtOnceIsOneRow() throws {
    let database = try TestDatabase()
    let functions = try (0..<8).map { _ in
      try FunctionUnderTest(environment: ["DATABASE_URL": database.handlerURL])
    }
    for function in functions {
      try function.runtime.waitForNext(process: function.process, until: .after(.seconds(20)))
    }
    for round in 0..<10 {
      let event = TestEvent(email: "ada\(round)@example.com").bytes
      let answers = Mutex<[Bool]>([])
      // Each function is used by one thread only.
      nonisolated(unsafe) let shared = functions
      DispatchQueue.concurrentPerform(iterations: shared.count) { index in
        let isEcho = (try? shared[index].invoke(event).echoes(event)) ?? false
        answers.withLock { $0.append(isEcho) }
      }
      XCTAssertEqual(answers.withLock { $0 }, Array(repeating: true, count: 8))
      let outcomes = try functions.map { try $0.lastOutcome() }
      XCTAssertEqual(outcomes.filter { $0 == "inserted" }.count, 1, "\(outcomes)")
      XCTAssertTrue(
        outcomes.allSatisfy { ["inserted", "unchanged", "updated", "stale"].contains($0) })
    }
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.users"), "10")
  }

  func testUnchangedUsersWriteNoWALAndTakeNoTransactionID() throws {
    let database = try TestDatabase()
    let function = try FunctionUnderTest(environment: ["DATABASE_URL": database.handlerURL])
    let event = TestEvent().bytes
    _ = try function.invoke(event)
    _ = try function.invoke(event)
    let state = "SELECT pg_current_wal_insert_lsn(), pg_snapshot_xmax(pg_current_snapshot())"
    let before = try database.query(state)
    for _ in 1...200 { XCTAssertTrue(try function.invoke(event).echoes(event)) }
    XCTAssertEqual(try database.query(state), before)
    XCTAssertEqual(try function.lastOutcome(), "unchanged")
  }

  func testAWrittenEventCostsOneRoundTripOverOneConnection() throws {
    let database = try TestDatabase()
    let relay = try TCPRelay(to: database.serverPort)
    let url = database.urlForHandler(port: relay.port)
    let function = try FunctionUnderTest(environment: ["DATABASE_URL": url])
    try function.runtime.waitForNext(process: function.process, until: .after(.seconds(20)))
    let before = relay.requestCount
    for number in 1...50 {
      _ = try function.invoke(TestEvent(email: "user\(number)@example.com"))
      XCTAssertEqual(try function.lastOutcome(), "inserted")
    }
    XCTAssertEqual(relay.requestCount - before, 50)
    XCTAssertEqual(relay.acceptedCount, 1)
  }

  func testAForgottenPasswordDoesNotResetTheConfirmation() throws {
    let database = try TestDatabase()
    let function = try FunctionUnderTest(environment: ["DATABASE_URL": database.handlerURL])
    var event = TestEvent("PostConfirmation_ConfirmSignUp")
    _ = try function.invoke(event)
    let confirmed = try XCTUnwrap(database.value("SELECT confirmed_at FROM cognito.users"))
    event.source = "PostConfirmation_ConfirmForgotPassword"
    _ = try function.invoke(event)
    XCTAssertEqual(try database.value("SELECT confirmed_at FROM cognito.users"), confirmed)
  }
}
