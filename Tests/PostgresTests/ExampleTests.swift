import Clock
import Foundation
import Postgres
import TestSupport
import XCTest

/// The example of Postgres.docc, as a program that uses the module has it.
final class PostgresExampleTests: XCTestCase {
  func testASettingIsRead() throws {
    let url = try TestEnvironment.databaseURL()
    XCTAssertEqual(try setting("server_encoding", at: url), "UTF8")
    XCTAssertNil(try setting("app.none", at: url))
  }

  func testAServerThatIsAwayIsNoErrorAndAnyOtherIs() throws {
    let socket = NSTemporaryDirectory() + "pooltable-\(UUID().uuidString)"
    XCTAssertNil(try setting("server_encoding", at: "host=\(socket) dbname=postgres"))
    let url = try TestEnvironment.databaseURL() + "?dbname=there-is-none"
    XCTAssertThrowsError(try setting("server_encoding", at: url))
  }
}

/// The setting's value on the server; nil where there is no such setting, or the server is away for now.
func setting(_ name: String, at url: String) throws -> String? {
  let parameters = try ConnectionParameters(parsing: url)
  let deadline = Deadline.after(.seconds(3))
  do throws(PostgresError) {
    let connection = try Connection.open(parameters, until: deadline)
    let sql = "SELECT current_setting($1, true)"
    let result = try connection.query(sql, [name], until: deadline)
    return result.text(row: 0, column: 0)
  } catch {
    guard error.mayPass else { throw error }
    return nil
  }
}
