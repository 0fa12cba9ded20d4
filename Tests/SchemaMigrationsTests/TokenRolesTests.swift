import Foundation
import Postgres
import TestSupport
import XCTest

/// The contract of `cognito.roles_for_token`.
final class TokenRolesTests: XCTestCase {
  private let sub = UUID().uuidString

  private func roles(
    _ database: TestDatabase, pool: String = "p_1", sub: String? = nil,
    on connection: Connection? = nil
  ) throws -> String? {
    let result = try (connection ?? database.owner).query(
      "SELECT cognito.roles_for_token(user_pool_id => $1::text, sub => $2::uuid)",
      [pool, sub ?? self.sub], until: .after(.seconds(10)))
    return result.text(row: 0, column: 0)
  }

  /// Ada, who has these roles.
  private func database(withRoles names: [String]) throws -> TestDatabase {
    let database = try TestDatabase()
    try database.query(
      "INSERT INTO cognito.users (user_pool_id, sub, observed_at) VALUES ('p_1', $1::uuid, now())",
      [sub])
    for name in names + ["somebody's"] {
      try database.query("INSERT INTO cognito.roles (name) VALUES ($1::text)", [name])
    }
    try database.execute(
      """
      INSERT INTO cognito.user_roles
      SELECT u.id, r.id FROM cognito.users u, cognito.roles r WHERE r.name <> 'somebody''s';
      WITH somebody AS (
        INSERT INTO cognito.users (user_pool_id, sub, observed_at)
        VALUES ('p_1', gen_random_uuid(), now()) RETURNING id)
      INSERT INTO cognito.user_roles
      SELECT somebody.id, r.id FROM somebody, cognito.roles r WHERE r.name = 'somebody''s';
      """)
    return database
  }

  func testTheNamesAreSortedByTheirBytesAndKeepTheirCase() throws {
    let database = try database(withRoles: ["editors", "Admin", "zoo", "äther", "Zoo,keeper"])
    XCTAssertEqual(try roles(database), #"{Admin,"Zoo,keeper",editors,zoo,äther}"#)
  }

  func testAUserWithoutRolesHasNone() throws {
    XCTAssertEqual(try roles(try database(withRoles: [])), "{}")
  }

  func testWhoIsNotThereOrNotLiveHasNoAnswer() throws {
    let database = try database(withRoles: ["admin"])
    XCTAssertNil(try roles(database, pool: "p_2"))
    XCTAssertNil(try roles(database, sub: UUID().uuidString))
    for change in ["deleted_at = now()", "deleted_at = NULL, enabled = false"] {
      try database.execute("UPDATE cognito.users SET \(change)")
      XCTAssertNil(try roles(database), change)
    }
  }

  func testTheHandlersLoginMayCallItAndNobodyElse() throws {
    let database = try database(withRoles: ["admin"])
    let handler = try Connection.open(
      ConnectionParameters(parsing: database.handlerURL), until: .after(.seconds(10)))
    XCTAssertEqual(try roles(database, on: handler), "{admin}")
    XCTAssertEqual(
      try database.value(
        """
        SELECT has_function_privilege(
          'pg_monitor', 'cognito.roles_for_token'::regproc, 'EXECUTE')
        """), "f")
  }
}
