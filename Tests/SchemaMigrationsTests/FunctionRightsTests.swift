import TestSupport
import XCTest

/// What holds for every function of the schema: who may call it, and as whom it looks names up.
final class FunctionRightsTests: XCTestCase {
  func testNobodyButTheOwnerAndTheHandlerMayCallAnyFunction() throws {
    let database = try TestDatabase()
    XCTAssertEqual(
      try database.query(
        """
        SELECT proname FROM pg_proc
        WHERE pronamespace = 'cognito'::regnamespace
          AND has_function_privilege('pg_monitor', oid, 'EXECUTE')
        """), [])
    XCTAssertEqual(
      try database.query(
        """
        SELECT count(*) > 5 FROM pg_proc WHERE pronamespace = 'cognito'::regnamespace
        """), [["t"]])
  }

  func testTheHandlerMayPassNothingOn() throws {
    let database = try TestDatabase()
    XCTAssertEqual(
      try database.query(
        """
        SELECT proname FROM pg_proc
        WHERE pronamespace = 'cognito'::regnamespace AND has_function_privilege(
          '\(database.handlerLogin)', oid, 'EXECUTE WITH GRANT OPTION')
        """), [])
    XCTAssertEqual(
      try database.value(
        "SELECT has_schema_privilege('\(database.handlerLogin)', 'cognito', 'CREATE')"),
      "f")
  }

  func testALoginOfAnyNameIsGranted() throws {
    let database = try TestDatabase()
    let login = #""\#(database.handlerLogin) ""odd""""#
    try database.execute("CREATE ROLE \(login)")
    defer { try? database.execute("DROP OWNED BY \(login); DROP ROLE \(login)") }
    let name = database.handlerLogin + #" "odd""#
    try database.query("CALL cognito.grant_handler($1::name)", [name])
    XCTAssertEqual(
      try database.query(
        """
        SELECT has_schema_privilege($1::name, 'cognito', 'USAGE'),
          has_function_privilege($1::name, 'cognito.roles_for_token'::regproc, 'EXECUTE')
        """, [name]), [["t", "t"]])
  }

  /// A caller's own search_path, and temporary tables of the caller's, must not change what a function means.
  func testEveryFunctionLooksNamesUpInTheSystemsCatalogOnly() throws {
    let database = try TestDatabase()
    XCTAssertEqual(
      try database.query(
        """
        SELECT proname FROM pg_proc
        WHERE pronamespace = 'cognito'::regnamespace
          AND NOT 'search_path=pg_catalog, pg_temp' = ANY (coalesce(proconfig, '{}'))
        ORDER BY proname
        """),
      [
        ["changed_columns"], ["default_roles_of"], ["is_reserved_claim"], ["keeps_out"],
        ["open_invitations"],
      ],
      "expressions and queries whose names are looked up when they are made")
  }

  func testMigratingLeavesTheSessionAsItWas() throws {
    let database = try TestDatabase(migrated: false)
    let path = "SHOW search_path"
    let before = try database.value(path)
    try database.migrate()
    XCTAssertEqual(try database.value(path), before)
  }
}
