import Clock
import Foundation
import Postgres
import TestSupport
import XCTest

/// The example of an outbox of a team's own, `Fixtures/setup/welcome-mails.sql`.
final class OutboxExampleTests: XCTestCase {
  private func example() throws -> String {
    try String(
      contentsOf: TestEnvironment.fixtures.appendingPathComponent("setup/welcome-mails.sql"),
      encoding: .utf8)
  }

  private func confirm(_ name: String, at time: String?, by connection: Connection) throws {
    _ = try connection.query(
      """
      SELECT cognito.sync_user(
        'eu-central-1_a', md5($1)::uuid, $1, $1 || '@example.com', true, NULL, NULL, 'CONFIRMED', NULL, '{}', NULL,
        NULL, NULL, $2::timestamptz, NULL, now(), NULL)
      """, [name, time], until: .after(.seconds(10)))
  }

  func testTheREADMEShowsIt() throws {
    let readme = try String(
      contentsOf: TestEnvironment.packageRoot
        .appendingPathComponent("Sources/SchemaMigrations/README.md"), encoding: .utf8)
    XCTAssertTrue(readme.contains("```sql\n\(try example())```"))
  }

  func testWhoIsConfirmedIsWelcomedOnceAndInTheSameTransaction() throws {
    let database = try TestDatabase()
    try database.execute(example())
    let function = try Connection.open(
      ConnectionParameters(parsing: database.handlerURL), until: .after(.seconds(10)))
    let worker = try database.connect()
    try worker.execute(script: "LISTEN welcomes", until: .after(.seconds(10)))

    try confirm("ada", at: nil, by: function)
    XCTAssertEqual(try database.value("SELECT count(*) FROM mail.welcomes"), "0")
    try confirm("ada", at: "2026-11-28T12:00Z", by: function)
    XCTAssertTrue(try worker.waitForNotification(until: .after(.seconds(10))))
    try confirm("ada", at: "2026-11-28T12:01Z", by: function)
    XCTAssertFalse(try worker.waitForNotification(until: .after(.milliseconds(100))))

    try database.execute("BEGIN")
    try confirm("bob", at: "2026-11-28T12:00Z", by: function)
    let other = try database.connect()
    try other.execute(script: "BEGIN", until: .after(.seconds(10)))
    try confirm("eve", at: "2026-11-28T12:00Z", by: other)
    try other.execute(script: "ROLLBACK", until: .after(.seconds(10)))

    XCTAssertEqual(
      try database.query("SELECT email FROM mail.due_welcomes() ORDER BY email"),
      [["ada@example.com"], ["bob@example.com"]])
    // Another worker takes nobody whom the first has in hand, and it all again where that one gives up.
    let due = "SELECT email FROM mail.due_welcomes() ORDER BY email"
    XCTAssertEqual(try worker.query(due, [], until: .after(.seconds(10))).rows, [])
    try database.execute("ROLLBACK")
    XCTAssertEqual(
      try worker.query(due, [], until: .after(.seconds(10))).rows,
      [["ada@example.com"], ["bob@example.com"]])
    XCTAssertEqual(try database.query(due), [])
  }
}
