import Clock
import Foundation
import LocalLambda
import Synchronization
import TestSupport
import XCTest

/// `TRACK_SIGN_INS`: a sign-in is recorded by the statement that writes the user.
final class SignInTests: XCTestCase {
  private static let counts = "SELECT count FROM cognito.sign_ins ORDER BY day, user_id"

  private func function(
    _ url: String, _ setting: String? = "on", keeping database: TestDatabase
  ) throws -> FunctionUnderTest {
    var environment = ["DATABASE_URL": url]
    environment["TRACK_SIGN_INS"] = setting
    return try FunctionUnderTest(environment: environment, keeping: database)
  }

  /// Signs one user in three times, at the turn of no day.
  private func signInThrice(_ function: FunctionUnderTest) throws {
    let event = TestEvent()
    for outcome in ["inserted", "unchanged", "unchanged"] {
      XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
      XCTAssertEqual(try function.lastOutcome(), outcome)
    }
  }

  private func assertThreeAreRecorded(in database: TestDatabase) throws {
    // The sum: the test may run at midnight.
    XCTAssertEqual(try database.value("SELECT sum(count) FROM cognito.sign_ins"), "3")
    XCTAssertEqual(
      try database.value(
        """
        SELECT u.last_sign_in_at = max(s.last_at) AND max(s.last_at) > min(s.first_at)
          AND min(s.first_at) = u.observed_at AND u.last_sign_in_at <= now()
        FROM cognito.users u JOIN cognito.sign_ins s ON s.user_id = u.id GROUP BY u.id
        """), "t")
  }

  func testASignInIsRecorded() throws {
    let database = try TestDatabase()
    try signInThrice(try function(database.handlerURL, keeping: database))
    try assertThreeAreRecorded(in: database)
  }

  func testThroughPgBouncerToo() throws {
    let database = try TestDatabase()
    let port = try XCTUnwrap(Int(TestEnvironment.variable("POOLTABLE_TEST_PGBOUNCER_PORT")))
    let url = database.urlForHandler(port: port)
    try signInThrice(try function(url, keeping: database))
    try assertThreeAreRecorded(in: database)
  }

  func testNothingIsRecordedUnlessAskedFor() throws {
    for setting in [nil, "off"] {
      let database = try TestDatabase()
      try signInThrice(try function(database.handlerURL, setting, keeping: database))
      XCTAssertEqual(try database.query(Self.counts), [])
      XCTAssertEqual(try database.value("SELECT last_sign_in_at IS NULL FROM cognito.users"), "t")
    }
  }

  func testAConfirmationIsNoSignIn() throws {
    let database = try TestDatabase()
    let function = try function(database.handlerURL, keeping: database)
    for source in [
      "PostConfirmation_ConfirmSignUp", "PostConfirmation_ConfirmForgotPassword",
      "PreAuthentication_Authentication", "TokenGeneration_RefreshTokens",
    ] {
      _ = try function.invoke(TestEvent(source))
    }
    XCTAssertEqual(try database.query(Self.counts), [])
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.users"), "2")
  }

  func testItCostsOneRoundTripOverOneConnection() throws {
    let database = try TestDatabase()
    let relay = try TCPRelay(to: database.serverPort)
    let url = database.urlForHandler(port: relay.port)
    let function = try function(url, keeping: database)
    try function.runtime.waitForNext(process: function.process, until: .after(.seconds(20)))
    let before = relay.requestCount
    try signInThrice(function)
    XCTAssertEqual(relay.requestCount - before, 3)
    XCTAssertEqual(relay.acceptedCount, 1)
  }

  func testASignInWhoseAnswerIsLostCountsOnce() throws {
    let database = try TestDatabase()
    let relay = try TCPRelay(to: database.serverPort)
    let url = database.urlForHandler(port: relay.port)
    let function = try function(url, keeping: database)
    try function.runtime.waitForNext(process: function.process, until: .after(.seconds(20)))
    relay.set(.swallowNextAnswer)
    let event = TestEvent()
    let watcher = try database.connect()
    inBackground {
      let deadline = Deadline.after(.seconds(1))
      let isRecorded = { (try? watcher.query(Self.counts, until: deadline).rowCount) == 1 }
      while !isRecorded(), !deadline.hasPassed { Deadline.after(.milliseconds(5)).sleep() }
      relay.set(.forward)
      relay.cutConnections(abruptly: true)
    }
    XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
    let report = try XCTUnwrap(function.reports().last)
    XCTAssertEqual(report["outcome"] as? String, "unchanged")
    XCTAssertEqual(report["attempts"] as? Int, 2)
    XCTAssertEqual(try database.query(Self.counts), [["1"]])
  }

  func testSixteenProcessesAtOnceCountEverySignIn() throws {
    let database = try TestDatabase()
    let functions = try (0..<16).map { _ in try function(database.handlerURL, keeping: database) }
    let event = TestEvent()
    XCTAssertTrue(try functions[0].invoke(event).echoes(event.bytes))
    let failures = Mutex<[String]>([])
    let all = DispatchGroup()
    for function in functions {
      all.enter()
      inBackground {
        defer { all.leave() }
        for _ in 1...25 {
          do {
            let isEcho = try function.invoke(event).echoes(event.bytes)
            if !isEcho { failures.withLock { $0.append("another answer") } }
          } catch {
            failures.withLock { $0.append("\(error)") }
          }
        }
      }
    }
    XCTAssertEqual(all.wait(timeout: .now() + 120), .success)
    XCTAssertEqual(failures.withLock { $0 }, [])
    for function in functions {
      XCTAssertEqual(
        try function.reports().filter { $0["outcome"] as? String == "failed" }.count, 0)
    }
    // The sum: the test may run at midnight.
    XCTAssertEqual(try database.value("SELECT sum(count) FROM cognito.sign_ins"), "401")
  }

  func testASignInThatCannotBeRecordedFollowsTheFailurePolicy() throws {
    let database = try TestDatabase()
    try database.execute(
      "REVOKE EXECUTE ON FUNCTION cognito.sync_user FROM \(database.handlerLogin)")
    let function = try function(database.handlerURL, keeping: database)
    let event = TestEvent()
    XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
    XCTAssertEqual(try function.lastOutcome(), "failed")
  }
}
