import CognitoTriggers
import Foundation
import LocalLambda
import TestSupport
import XCTest

/// Every event through PgBouncer in transaction mode, which keeps no session and no prepared statement.
final class PgBouncerTests: XCTestCase {
  private func url(_ database: TestDatabase) throws -> String {
    let port = try XCTUnwrap(Int(TestEnvironment.variable("POOLTABLE_TEST_PGBOUNCER_PORT")))
    return database.urlForHandler(port: port)
  }

  func testEveryEventIsEchoedAndTheSameUsersAreWritten() throws {
    let (direct, pooled) = (try TestDatabase(), try TestDatabase())
    let functions = [
      try FunctionUnderTest(on: direct),
      try FunctionUnderTest(environment: ["DATABASE_URL": url(pooled)], keeping: pooled),
    ]
    for file in try TestEnvironment.triggerFixtures() {
      let bytes = Array(try Data(contentsOf: file))
      let outcomes = try functions.map { function in
        XCTAssertTrue(try function.invoke(bytes).echoes(bytes), file.lastPathComponent)
        return try function.lastOutcome()
      }
      XCTAssertEqual(outcomes[0], outcomes[1], file.lastPathComponent)
    }
    let rows = """
      SELECT user_pool_id, sub, username, email, email_verified, phone_number,
        phone_number_verified, status, attributes, identities, confirmed_at IS NULL
      FROM cognito.users ORDER BY user_pool_id, sub
      """
    let written = try direct.query(rows)
    XCTAssertEqual(written.count, 52)
    XCTAssertEqual(try pooled.query(rows), written)
  }

  func testTwoFunctionsShareAPoolWithoutMixingUpTheirUsers() throws {
    let database = try TestDatabase()
    let functions = try (0..<2).map { _ in
      try FunctionUnderTest(environment: ["DATABASE_URL": url(database)])
    }
    for number in 1...50 {
      for function in functions {
        let event = TestEvent(email: "user\(number)@example.com")
        XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
        XCTAssertEqual(try function.lastOutcome(), "inserted")
      }
    }
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.users"), "100")
  }
}
