import Clock
import Foundation
import Postgres
import TestSupport
import XCTest

/// The contracts of `cognito.mark_deleted` and `find_user`.
final class GoneUserTests: XCTestCase {
  private let ada = UUID().uuidString.lowercased()

  private func database() throws -> TestDatabase {
    let database = try TestDatabase()
    try database.query(
      """
      INSERT INTO cognito.users (user_pool_id, sub, username, attributes, observed_at)
      VALUES ('p_1', $1::uuid, 'ada', '{"cognito:email_alias": "a", "name": "Ada"}', '2026-01-02T00:00:00Z')
      """, [ada])
    return database
  }

  private func markDeleted(
    _ database: TestDatabase, pool: String = "p_1", at time: String
  ) throws -> String? {
    try database.value(
      "SELECT cognito.mark_deleted($1::text, $2::uuid, $3::timestamptz)", [pool, ada, time])
  }

  func testAUserIsMarkedOnceAndNotByAnOlderWord() throws {
    let database = try database()
    let row =
      "SELECT (deleted_at = updated_at AND observed_at = '2026-01-03T00:00:00Z') FROM cognito.users"
    XCTAssertEqual(try markDeleted(database, at: "2026-01-01T23:59:59Z"), "stale")
    XCTAssertEqual(try markDeleted(database, pool: "p_2", at: "2026-01-03T00:00:00Z"), "unchanged")
    XCTAssertNil(try database.value("SELECT deleted_at FROM cognito.users"))
    XCTAssertEqual(try markDeleted(database, at: "2026-01-03T00:00:00Z"), "deleted")
    XCTAssertEqual(try database.value(row), "t")
    XCTAssertEqual(try markDeleted(database, at: "2026-01-04T00:00:00Z"), "unchanged")
    XCTAssertEqual(try database.value(row), "t", "the first mark stands")
  }

  func testOfTheSameInstantTheMarkCountsAndOneOfTheFutureKeepsNothingOut() throws {
    let same = try database()
    XCTAssertEqual(try markDeleted(same, at: "2026-01-02T00:00:00Z"), "deleted")
    let ahead = try database()
    XCTAssertEqual(try markDeleted(ahead, at: "2999-01-01T00:00:00Z"), "deleted")
    XCTAssertEqual(
      try ahead.value("SELECT observed_at <= clock_timestamp() FROM cognito.users"), "t")
  }

  /// Whoever holds the row may hold it for long, and the function that was told has a budget.
  func testARowThatIsHeldIsNotWaitedForBeyondTheLockTimeout() throws {
    let database = try database()
    let holder = try database.connect()
    try holder.execute(
      script: "BEGIN; SELECT FROM cognito.users FOR UPDATE", until: .after(.seconds(10)))
    XCTAssertThrowsError(try markDeleted(database, at: "2026-01-03T00:00:00Z")) { error in
      XCTAssertEqual((error as? PostgresError)?.state, SQLState("55P03"), "\(error)")
    }
    try holder.execute(script: "COMMIT", until: .after(.seconds(10)))
    XCTAssertEqual(try markDeleted(database, at: "2026-01-03T00:00:00Z"), "deleted")
  }

  func testAUserIsFoundByTheSubInAnyOfThePoolsOrElseByTheName() throws {
    let database = try database()
    func found(_ pools: String, _ sub: String?, _ name: String?) throws -> [[String?]] {
      try database.query(
        "SELECT user_pool_id, user_name, event_attributes FROM cognito.find_user($1::text[], $2::uuid, $3::text)",
        [pools, sub, name])
    }
    let row = [["p_1", "ada", #"{"cognito:email_alias": "a"}"#]]
    XCTAssertEqual(try found("{p_0,p_1}", ada, nil), row)
    XCTAssertEqual(try found("{p_1}", ada, "somebody else"), row)
    XCTAssertEqual(try found("{p_1}", nil, "ada"), row)
    XCTAssertEqual(try found("{p_0}", ada, nil), [])
    XCTAssertEqual(try found("{p_0}", nil, "ada"), [])
    XCTAssertEqual(try found("{p_1}", UUID().uuidString, "ada"), [], "the sub is the user")
    XCTAssertEqual(try found("{p_1}", nil, nil), [])
    // By the sub also who is deleted: a late record is about this row. By a name only who is not.
    try database.execute("UPDATE cognito.users SET deleted_at = now()")
    XCTAssertEqual(try found("{p_1}", ada, nil), row)
    XCTAssertEqual(try found("{p_1}", nil, "ada"), [])
  }
}
