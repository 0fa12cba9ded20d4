import Clock
import Foundation
import Postgres
import Synchronization
import TestSupport
import XCTest

@testable import SchemaMigrations

final class MigratorTests: XCTestCase {
  func testMigratingTwiceAppliesEachMigrationOnce() throws {
    let database = try TestDatabase(migrated: false)
    let migrator = Migrator(connection: database.owner)
    XCTAssertEqual(Set(try migrator.status().map(\.state)), [.pending])
    var applied: [Int] = []
    try migrator.migrate { applied.append($0.version) }
    XCTAssertEqual(applied, Migration.all.map(\.version))
    try migrator.migrate { XCTFail("applied \($0.version) again") }
    XCTAssertEqual(Set(try migrator.status().map(\.state)), [.applied])
  }

  func testStatusChangesNothing() throws {
    let database = try TestDatabase(migrated: false)
    _ = try Migrator(connection: database.owner).status()
    XCTAssertEqual(try database.value("SELECT to_regnamespace('cognito') IS NULL"), "t")
  }

  func testEightRunsAtOnceApplyEachMigrationOnce() throws {
    let database = try TestDatabase(migrated: false)
    let url = database.ownerURL
    let outcomes = Mutex<(applied: [Int], errors: [String])>(([], []))
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      do {
        let connection = try Connection.open(
          ConnectionParameters(parsing: url), until: .after(.seconds(20)))
        try Migrator(connection: connection).migrate { migration in
          outcomes.withLock { $0.applied.append(migration.version) }
        }
      } catch {
        outcomes.withLock { $0.errors.append("\(error)") }
      }
    }
    let (applied, errors) = outcomes.withLock { $0 }
    XCTAssertEqual(errors, [])
    XCTAssertEqual(applied.sorted(), Migration.all.map(\.version))
  }

  func testAChangedMigrationIsRefused() throws {
    let database = try TestDatabase()
    var changed = Migration.all
    changed[1] = Migration(version: 2, name: "sync_user", sql: changed[1].sql + "\n-- changed")
    let migrator = Migrator(connection: database.owner, migrations: changed)
    XCTAssertThrowsError(try migrator.migrate()) {
      XCTAssertEqual($0 as? MigrationError, .changed(version: 2, name: "sync_user"))
    }
    XCTAssertThrowsError(try migrator.status())
  }

  func testADatabaseOfANewerReleaseIsRefused() throws {
    let database = try TestDatabase()
    let older = Migrator(
      connection: database.owner, migrations: Array(Migration.all.dropLast()))
    let newest = try XCTUnwrap(Migration.all.last).version
    XCTAssertThrowsError(try older.migrate()) {
      XCTAssertEqual($0 as? MigrationError, .databaseIsNewer(version: newest))
    }
  }

  func testAFailedMigrationIsRolledBackAndThoseBeforeItStay() throws {
    let database = try TestDatabase(migrated: false)
    let broken = [
      Migration(version: 1, name: "good", sql: "CREATE TABLE cognito.good ()"),
      Migration(
        version: 2, name: "broken", sql: "CREATE TABLE cognito.half (); SELECT 1/0; SELECT 1"),
    ]
    let migrator = Migrator(connection: database.owner, migrations: broken)
    XCTAssertThrowsError(try migrator.migrate()) { error in
      guard case .failed(2, "broken", let cause)? = error as? MigrationError else {
        return XCTFail("\(error)")
      }
      XCTAssertEqual(cause.state, SQLState("22012"))
    }
    XCTAssertEqual(try database.value("SELECT to_regclass('cognito.half') IS NULL"), "t")
    XCTAssertEqual(try migrator.status().map(\.state), [.applied, .pending])
  }

  func testAnUnknownHandlerRoleIsNamed() throws {
    let database = try TestDatabase()
    XCTAssertThrowsError(try Migrator(connection: database.owner).grantHandler(to: "nobody x")) {
      XCTAssertEqual($0 as? MigrationError, .noSuchRole("nobody x"))
    }
  }

  func testTheHandlerRoleGetsAStatementTimeoutInThisDatabase() throws {
    let database = try TestDatabase()
    let connection = try Connection.open(
      ConnectionParameters(parsing: database.handlerURL), until: .after(.seconds(10)))
    let timeout = try connection.query("SHOW statement_timeout", until: .after(.seconds(10)))
    XCTAssertEqual(timeout.text(row: 0, column: 0), "3s")
  }

  /// A login that is the handler of one database is a stranger in the next one of the same server.
  func testTheHandlersRightsEndWithItsDatabase() throws {
    let (one, other) = (try TestDatabase(), try TestDatabase())
    let signature = """
      'pool', gen_random_uuid(), 'ada', NULL, NULL, NULL, NULL, NULL, NULL, '{}', NULL, NULL, NULL, NULL, now(),
      now(), 'request'
      """
    for (database, isAllowed) in [(one, true), (other, false)] {
      let url = database.url(user: one.handlerLogin, password: one.handlerPassword)
      let handler = try Connection.open(
        ConnectionParameters(parsing: url), until: .after(.seconds(10)))
      for call in [
        "SELECT cognito.sync_user(\(signature))",
        "SELECT cognito.roles_for_token('pool', gen_random_uuid())",
        "SELECT cognito.contents_for_token('pool', NULL, NULL, '', true, true)",
        "SELECT cognito.claim_role_changes()", "SELECT cognito.settle_role_changes('{}')",
        "SELECT cognito.postpone_role_changes('{}', '', NULL)",
      ] {
        if isAllowed {
          XCTAssertNoThrow(try handler.query(call, until: .after(.seconds(10))), call)
        } else {
          XCTAssertThrowsError(try handler.query(call, until: .after(.seconds(10))), call) {
            error in
            XCTAssertEqual((error as? PostgresError)?.state, SQLState("42501"))
          }
        }
      }
    }
  }

  func testALaterFunctionIsGrantedToWhoWasTheHandlerBefore() throws {
    let database = try TestDatabase()
    let later = Migration(
      version: 1000, name: "later",
      sql: """
        CREATE FUNCTION cognito.later() RETURNS integer LANGUAGE sql AS 'SELECT 1';
        REVOKE ALL ON FUNCTION cognito.later FROM PUBLIC;
        CREATE OR REPLACE PROCEDURE cognito.grant_handler(login name) LANGUAGE plpgsql AS $$
        BEGIN EXECUTE format('GRANT EXECUTE ON FUNCTION cognito.later TO %I', login); END $$;
        """)
    let migrator = Migrator(connection: database.owner, migrations: Migration.all + [later])
    try migrator.migrate()
    for (login, isAllowed) in [(database.handlerLogin, "t"), ("pg_monitor", "f")] {
      XCTAssertEqual(
        try database.value(
          "SELECT has_function_privilege('\(login)', 'cognito.later()', 'EXECUTE')"), isAllowed)
    }
  }

  func testADatabaseThatCannotHoldEveryNameIsRefused() throws {
    let database = try TestDatabase(migrated: false, encoding: "LATIN1")
    XCTAssertThrowsError(try Migrator(connection: database.owner).migrate()) { error in
      XCTAssertEqual(
        error as? MigrationError,
        .narrowEncoding("LATIN1", database: database.name, other: database.name + "_utf8"))
    }
    XCTAssertEqual(try database.value("SELECT to_regnamespace('cognito') IS NULL"), "t")
  }

  func testEncodings() {
    let cases: [(String, DatabaseEncoding, Bool)] = [
      ("UTF8", .utf8, false), ("SQL_ASCII", .unchecked, true), ("LATIN1", .narrow("LATIN1"), false),
      ("WIN1252", .narrow("WIN1252"), false), ("EUC_JP", .narrow("EUC_JP"), false),
    ]
    for (name, encoding, warns) in cases {
      XCTAssertEqual(DatabaseEncoding(name: name), encoding)
      XCTAssertEqual(encoding.warning != nil, warns, name)
    }
  }

  func testInSQLASCIIUsersAndRolesAreKept() throws {
    let database = try TestDatabase(encoding: "SQL_ASCII")
    XCTAssertEqual(
      try database.value(
        "SELECT outcome FROM cognito.sync_user('pool', gen_random_uuid(), '🦊', 'ä@b.c', true, NULL, NULL, 'CONFIRMED', NULL, '{}', NULL, NULL, NULL, NULL, NULL, now(), NULL)"
      ), "inserted")
    XCTAssertEqual(try database.value("SELECT username FROM cognito.users"), "🦊")
    try database.execute("INSERT INTO cognito.roles (name) VALUES ('À'), ('管理者')")
    XCTAssertThrowsError(try database.execute("INSERT INTO cognito.roles (name) VALUES ('a b')"))
  }

  func testCitextInASchemaOffTheSearchPathIsFound() throws {
    let database = try TestDatabase(migrated: false)
    try database.execute(
      "CREATE SCHEMA \"my Extensions\"; CREATE EXTENSION citext SCHEMA \"my Extensions\"")
    try database.migrate()
    XCTAssertEqual(
      try database.value(
        "SELECT outcome FROM cognito.sync_user('pool', gen_random_uuid(), 'ada', 'a@b.c', true, NULL, NULL, 'CONFIRMED', NULL, '{}', NULL, NULL, NULL, NULL, NULL, now(), NULL)"
      ), "inserted")
  }
}
