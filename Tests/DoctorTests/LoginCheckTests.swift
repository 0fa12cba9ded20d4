import Clock
import Postgres
import SchemaMigrations
import TestSupport
import XCTest

@testable import Doctor

/// Too few rights and too many, and that what is known of them is what the schema grants.
final class LoginCheckTests: XCTestCase {
  private func rights(
    _ change: (inout LoginCheck.Rights) -> Void = { _ in }
  ) -> LoginCheck.Rights {
    var rights = LoginCheck.Rights(
      login: "lambda", functions: SchemaRights.handlers, statementTimeout: 3000)
    change(&rights)
    return rights
  }

  private func features(_ change: (inout Features) -> Void) -> Features {
    var features = Features()
    change(&features)
    return features
  }

  func testWhatIsTooLittleAndWhatIsTooMuch() {
    let rows: [(LoginCheck.Rights, Finding.Verdict, String)] = [
      (rights(), .ok, "and nothing else in the schema cognito"),
      (
        rights { $0.roles = [.init(name: "admins", attributes: ["SUPERUSER"])] }, .failed,
        "is in the role admins, a superuser"
      ),
      (
        rights {
          $0.roles = [.init(name: "rds_superuser")]
          $0.attributes = ["CREATEROLE"]
        }, .failed, "is in the role rds_superuser"
      ),
      (
        rights {
          $0.roles = [
            .init(name: "pg_write_all_data"), .init(name: "team", attributes: ["BYPASSRLS"]),
          ]
        }, .failed, "needs not: pg_write_all_data, team (BYPASSRLS)"
      ),
      (
        rights { $0.createsIn = ["SCHEMA cognito", "DATABASE app"] }, .failed,
        "may CREATE in SCHEMA cognito and DATABASE app"
      ),
      (rights { $0.functionsByRole = ["sync_user"] }, .ok, "and nothing else"),
      (
        rights { $0.functionsByRole = ["merge_users"] }, .warning, "may also call merge_users"
      ),
      (
        rights {
          $0.attributes = ["SUPERUSER"]
          $0.ownsSchema = true
        }, .failed, "is a superuser"
      ),
      (rights { $0.ownsSchema = true }, .failed, "owns the schema"),
      (rights { $0.mayUseSchema = false }, .failed, "may not use the schema"),
      (rights { $0.functions = [] }, .failed, "may not call sync_user"),
      (
        rights { $0.attributes = ["BYPASSRLS", "CREATEROLE"] }, .failed, "has BYPASSRLS, CREATEROLE"
      ),
      (rights { $0.tables = ["users UPDATE"] }, .failed, "users UPDATE"),
      (rights { $0.tables = ["users_live SELECT"] }, .failed, "users_live SELECT"),
      (rights { $0.functions.insert("merge_users") }, .warning, "may also call merge_users"),
      (rights { $0.statementTimeout = 0 }, .warning, "no statement_timeout"),
      (rights { $0.statementTimeout = nil }, .ok, "and nothing else"),
    ]
    for (rights, verdict, words) in rows {
      let findings = LoginCheck.findings(rights, for: Features())
      XCTAssertEqual(findings.map(\.verdict), [verdict], words)
      XCTAssertTrue(findings.first?.text.contains(words) == true, "\(findings)")
      XCTAssertEqual(findings.first?.remedy == nil, verdict == .ok, words)
    }
    let both = LoginCheck.findings(
      rights { $0.functions = ["merge_users"] }, for: Features())
    XCTAssertEqual(both.map(\.verdict), [.failed, .warning], "each is told")
  }

  func testWhichRightsAreNeededHangsOnWhatIsOn() {
    let rows: [(Features, missing: String)] = [
      (features { $0.tokenRoles = true }, "contents_for_token"),
      (features { $0.tokenClaims = true }, "claims_for_token"),
      (features { $0.pushesOnSchedule = true }, "claim_role_changes"),
      (features { $0.followsChanges = true }, "mark_deleted"),
      (
        features {
          $0.decidesSignUps = true
          $0.asksDatabaseAboutSignUps = true
        }, "decide_sign_up"
      ),
      (features { $0.migratesUsers = true }, "find_legacy_user"),
      (features { $0.answersAppSync = true }, "resolve_requests"),
    ]
    for (features, missing) in rows {
      let without = rights { $0.functions.remove(missing) }
      XCTAssertEqual(
        LoginCheck.findings(without, for: features).first?.verdict, .failed, missing)
      XCTAssertTrue(SchemaRights.needed(for: features).contains(missing))
      XCTAssertFalse(SchemaRights.needed(for: Features()).contains(missing))
    }
  }

  func testAppSyncsLoginIsAReaderAndNoMore() {
    let appSync = features { $0.answersAppSync = true }
    let reader = rights {
      $0.functions = SchemaRights.readers
      $0.tables = ["memberships SELECT", "users_live SELECT"]
    }
    XCTAssertEqual(LoginCheck.findings(reader, for: appSync).map(\.verdict), [.ok])
    XCTAssertEqual(
      LoginCheck.findings(
        rights {
          $0.functions = SchemaRights.readers
          $0.tables = ["users_live DELETE"]
        }, for: appSync
      ).map(\.verdict), [.failed])
  }

  /// Nothing that makes a reader a writer is advised.
  func testRemediesAreForTheLoginThatItIs() {
    let rows: [(change: (inout LoginCheck.Rights) -> Void, trigger: String, appSync: String)] = [
      ({ $0.ownsSchema = true }, "migrate --handler-role LOGIN", "migrate --reader-role LOGIN"),
      (
        { $0.functions = [] }, "pooltable migrate --handler-role lambda",
        "pooltable migrate --reader-role lambda"
      ),
      ({ $0.tables = ["users UPDATE"] }, "reads and writes no table", "reads users_live and"),
      (
        { $0.statementTimeout = 0 }, "pooltable migrate --handler-role lambda",
        "ALTER ROLE lambda SET statement_timeout = '9s'"
      ),
    ]
    let appSync = features { $0.answersAppSync = true }
    for row in rows {
      for (features, functions, words) in [
        (Features(), SchemaRights.handlers, row.trigger),
        (appSync, SchemaRights.readers, row.appSync),
      ] {
        let rights = rights {
          $0.functions = functions
          row.change(&$0)
        }
        let remedies = LoginCheck.findings(rights, for: features).map { $0.remedy ?? "" }
        XCTAssertEqual(remedies.count, 1, words)
        XCTAssertTrue(remedies[0].contains(words), remedies[0])
      }
    }
  }

  func testTheServerTellsExactlyTheRightsThatTheSchemaGrants() throws {
    let database = try TestDatabase()
    let deadline = Deadline.after(.seconds(30))
    let handler = try Connection.open(
      ConnectionParameters(parsing: database.handlerURL), until: deadline)
    let own = try XCTUnwrap(try handler.rights(of: nil, until: deadline))
    XCTAssertEqual(
      own,
      LoginCheck.Rights(
        login: database.handlerLogin, functions: SchemaRights.handlers, statementTimeout: 3000))
    XCTAssertEqual(LoginCheck.findings(own, for: Features()).map(\.verdict), [.ok])

    let named = try XCTUnwrap(
      try database.owner.rights(of: database.handlerLogin, until: deadline))
    XCTAssertEqual(named.functions, own.functions)
    XCTAssertNil(named.statementTimeout)
    XCTAssertNil(try database.owner.rights(of: "nobody", until: deadline))

    let owner = try XCTUnwrap(try database.owner.rights(of: nil, until: deadline))
    XCTAssertTrue(owner.ownsSchema && owner.attributes.contains("SUPERUSER"))

    try database.execute(
      """
      ALTER ROLE \(database.handlerLogin) CREATEDB BYPASSRLS;
      ALTER ROLE \(database.handlerLogin) IN DATABASE \(database.name) RESET statement_timeout;
      GRANT UPDATE (email) ON cognito.users TO \(database.handlerLogin);
      GRANT EXECUTE ON FUNCTION cognito.merge_users TO \(database.handlerLogin);
      REVOKE EXECUTE ON FUNCTION cognito.sync_user FROM \(database.handlerLogin)
      """)
    let spoiled = try XCTUnwrap(
      try database.owner.rights(of: database.handlerLogin, until: deadline))
    XCTAssertEqual(spoiled.attributes, ["BYPASSRLS", "CREATEDB"])
    XCTAssertEqual(spoiled.tables, ["users UPDATE"])
    XCTAssertEqual(spoiled.statementTimeout, 0)
    XCTAssertEqual(
      spoiled.functions, SchemaRights.handlers.subtracting(["sync_user"]).union(["merge_users"]))

    try database.execute("GRANT CREATE ON SCHEMA cognito TO \(database.handlerLogin)")
    let schema = try XCTUnwrap(
      try database.owner.rights(of: database.handlerLogin, until: deadline))
    XCTAssertEqual(schema.createsIn, ["SCHEMA cognito"])
    try database.execute("REVOKE CREATE ON SCHEMA cognito FROM \(database.handlerLogin)")

    try Migrator(connection: database.owner).grantReader(to: database.handlerLogin)
    let reader = try XCTUnwrap(
      try database.owner.rights(of: database.handlerLogin, until: deadline))
    XCTAssertEqual(reader.functions.subtracting(spoiled.functions), SchemaRights.readers)
    XCTAssertEqual(Set(reader.tables), SchemaRights.readersTables.union(["users UPDATE"]))
  }

  /// By a role that is in another; with NOINHERIT, which SET ROLE gets around.
  func testWhatALoginMayBecomeIsTold() throws {
    let database = try TestDatabase()
    let deadline = Deadline.after(.seconds(30))
    let login = database.handlerLogin
    let (between, role) = ("\(login)_between", "\(login)_role")
    try database.execute(
      """
      CREATE ROLE \(between) NOINHERIT; CREATE ROLE \(role); ALTER ROLE \(login) NOINHERIT;
      GRANT \(role) TO \(between); GRANT \(between) TO \(login)
      """)
    defer {
      try? database.execute("DROP OWNED BY \(between), \(role); DROP ROLE \(between), \(role)")
    }
    let rows: [(grant: String, revoke: String, text: String)] = [
      ("ALTER ROLE \(role) SUPERUSER", "ALTER ROLE \(role) NOSUPERUSER", "\(role), a superuser"),
      ("ALTER ROLE \(role) BYPASSRLS", "ALTER ROLE \(role) NOBYPASSRLS", "\(role) (BYPASSRLS)"),
      (
        "GRANT CREATE ON SCHEMA cognito TO \(role)", "REVOKE CREATE ON SCHEMA cognito FROM \(role)",
        "CREATE in SCHEMA cognito"
      ),
      (
        "GRANT CREATE ON DATABASE \(database.name) TO \(role)",
        "REVOKE CREATE ON DATABASE \(database.name) FROM \(role)",
        "CREATE in DATABASE \(database.name)"
      ),
      (
        "GRANT pg_execute_server_program TO \(role)",
        "REVOKE pg_execute_server_program FROM \(role)", "not: pg_execute_server_program"
      ),
      (
        "GRANT SELECT ON cognito.users TO \(role)", "REVOKE SELECT ON cognito.users FROM \(role)",
        "users SELECT"
      ),
      (
        "GRANT EXECUTE ON FUNCTION cognito.merge_users TO \(role)",
        "REVOKE EXECUTE ON FUNCTION cognito.merge_users FROM \(role)", "call merge_users"
      ),
    ]
    func texts() throws -> [String] {
      let rights = try XCTUnwrap(try database.owner.rights(of: login, until: deadline))
      return LoginCheck.findings(rights, for: Features()).filter { $0.verdict != .ok }.map(\.text)
    }
    XCTAssertEqual(try texts(), [])
    for row in rows {
      try database.execute(row.grant)
      let found = try texts()
      XCTAssertEqual(found.count, 1, "\(found)")
      XCTAssertTrue(found.first?.contains(row.text) == true, "\(row.text): \(found)")
      try database.execute(row.revoke)
    }
    try database.execute("GRANT pg_write_all_data TO \(between)")
    XCTAssertTrue(try texts().first?.contains("not: pg_write_all_data") == true)
  }
}
