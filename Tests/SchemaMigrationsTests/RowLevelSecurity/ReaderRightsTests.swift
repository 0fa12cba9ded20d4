import Clock
import Postgres
import SchemaMigrations
import TestSupport
import XCTest

/// What `migrate --reader-role` gives, and to whom.
final class ReaderRightsTests: XCTestCase {
  private static let questions = [
    "current_sub", "current_user_id", "current_user_pool_id", "has_group", "has_role", "jwt",
    "pre_request",
  ]

  /// A login of its own with a reader's rights, dropped with its database's end.
  private final class Reader {
    let database: TestDatabase
    let login: String
    init() throws {
      database = try TestDatabase()
      login = "reader_\(database.name.suffix(16))"
      try database.execute("CREATE ROLE \(login) LOGIN PASSWORD '\(login)'")
      try Migrator(connection: database.owner).grantReader(to: login)
    }
    deinit { try? database.execute("DROP OWNED BY \(login) CASCADE; DROP ROLE \(login)") }

    func connect() throws -> Connection {
      try Connection.open(
        ConnectionParameters(parsing: database.url(user: login, password: login)),
        until: .after(.seconds(10)))
    }

    /// The functions that it may call, and `relation privilege` of what it may do with tables and views, to a column
    /// at least.
    func rights() throws -> (functions: [String?], relations: [String?]) {
      let functions = try database.query(
        """
        SELECT proname FROM pg_proc
        WHERE pronamespace = 'cognito'::regnamespace AND has_function_privilege($1::name, oid, 'EXECUTE')
        ORDER BY proname COLLATE "C"
        """, [login])
      let relations = try database.query(
        """
        SELECT relname || ' ' || privilege
        FROM pg_class, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'])
          AS privilege
        WHERE relnamespace = 'cognito'::regnamespace AND relkind IN ('r', 'v', 'm', 'p', 'f') AND (
          has_table_privilege($1::name, oid, privilege)
          OR privilege IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
            AND has_any_column_privilege($1::name, oid, privilege))
        ORDER BY relname COLLATE "C", privilege
        """, [login])
      return (functions.map { $0[0] }, relations.map { $0[0] })
    }
  }

  func testAReaderMayAskAndReadTheseAndNothingElse() throws {
    let reader = try Reader()
    let database = reader.database
    // A second time is no other.
    try Migrator(connection: database.owner).grantReader(to: reader.login)
    let rights = try reader.rights()
    XCTAssertEqual(rights.functions, Self.questions + ["resolve", "resolve_requests"])
    XCTAssertEqual(rights.relations, ["memberships SELECT", "users_live SELECT"])
    XCTAssertEqual(
      try database.query(
        """
        SELECT has_schema_privilege($1::name, 'cognito', 'USAGE'), has_schema_privilege($1::name, 'cognito', 'CREATE'),
          has_database_privilege($1::name, current_database(), 'CREATE'),
          (SELECT count(*) FROM pg_auth_members WHERE member = $1::regrole)
        """, [reader.login]), [["t", "f", "f", "0"]])
    XCTAssertEqual(
      try database.query(
        """
        SELECT proname FROM pg_proc WHERE has_function_privilege($1::name, oid, 'EXECUTE WITH GRANT OPTION')
        UNION SELECT relname FROM pg_class WHERE has_table_privilege($1::name, oid, 'SELECT WITH GRANT OPTION')
        """, [reader.login]), [])
  }

  func testTheFunctionsLoginIsNoReaderAndTheReaderIsNoHandler() throws {
    let reader = try Reader()
    XCTAssertEqual(
      try reader.database.query(
        """
        SELECT has_function_privilege($1::name, 'cognito.current_user_id()', 'EXECUTE'),
          has_table_privilege($1::name, 'cognito.users_live', 'SELECT'),
          has_function_privilege($2::name, 'cognito.find_user'::regproc, 'EXECUTE')
        """, [reader.database.handlerLogin, reader.login]), [["f", "f", "f"]])
  }

  func testAReaderReadsLiveUsersAndMemberships() throws {
    let reader = try Reader()
    let ada = try reader.database.addUser("ada")
    _ = try reader.database.addUser("bo", deletedDaysAgo: 1)
    let connection = try reader.connect()
    let deadline = Deadline.after(.seconds(30))
    XCTAssertEqual(
      try connection.query("SELECT id::text, email::text FROM cognito.users_live", until: deadline)
        .rows,
      [[ada.id, "ada@example.com"]])
    XCTAssertEqual(
      try connection.query(
        "SELECT group_name FROM cognito.memberships ORDER BY 1", until: deadline
      ).rows, [["ada"], ["bo"]])
    for refused in [
      "SELECT FROM cognito.users", "SELECT FROM cognito.user_roles",
      "DELETE FROM cognito.users_live",
      "UPDATE cognito.users_live SET enabled = false", "SELECT cognito.roles_for_token('', NULL)",
      "CALL cognito.grant_reader(current_user)",
    ] {
      XCTAssertThrowsError(try connection.query(refused, until: deadline), refused) { error in
        XCTAssertEqual((error as? PostgresError)?.state, SQLState("42501"), refused)
      }
    }
  }

  /// Not even the owner of the application's tables needs more for a policy.
  func testAReadersOwnTableIsGuardedByItsOwnPolicy() throws {
    let reader = try Reader()
    let database = reader.database
    let pool = "eu-central-1_a"
    let (ada, bo) = (
      try database.addUser("ada", pool: pool), try database.addUser("bo", pool: pool)
    )
    try database.execute("CREATE SCHEMA shop AUTHORIZATION \(reader.login)")
    let connection = try reader.connect()
    let deadline = Deadline.after(.seconds(30))
    try connection.execute(
      script: """
        CREATE TABLE shop.carts (owner uuid, item text);
        INSERT INTO shop.carts VALUES ('\(ada.id)', 'of ada'), ('\(bo.id)', 'of bo');
        ALTER TABLE shop.carts ENABLE ROW LEVEL SECURITY;
        ALTER TABLE shop.carts FORCE ROW LEVEL SECURITY;
        CREATE POLICY own ON shop.carts USING (owner = (SELECT cognito.current_user_id()));
        """, until: deadline)
    for (user, items) in [(ada, [["of ada"]]), (bo, [["of bo"]])] {
      try connection.execute(script: "BEGIN", until: deadline)
      _ = try connection.query(
        "SELECT set_config('request.jwt.claims', $1::text, true)",
        [
          PolicyScene.claims(
            sub: user.sub, issuer: "https://cognito-idp.eu-central-1.amazonaws.com/\(pool)")
        ],
        until: deadline)
      XCTAssertEqual(
        try connection.query("SELECT item FROM shop.carts", until: deadline).rows, items)
      try connection.execute(script: "COMMIT", until: deadline)
    }
    XCTAssertEqual(try connection.query("SELECT item FROM shop.carts", until: deadline).rows, [])
  }

  func testWhatALaterReleaseAddsIsGrantedToReadersToo() throws {
    let reader = try Reader()
    let database = reader.database
    // Either right alone may be somebody's own grant.
    let other = "\(reader.login)_other"
    try database.execute(
      """
      CREATE ROLE \(other); GRANT SELECT ON cognito.users_live TO \(other);
      CREATE ROLE \(other)_2; GRANT EXECUTE ON FUNCTION cognito.current_user_id TO \(other)_2
      """)
    defer {
      try? database.execute("DROP OWNED BY \(other), \(other)_2; DROP ROLE \(other), \(other)_2")
    }
    let later = Migration(
      version: 1000, name: "later",
      sql: """
        CREATE FUNCTION cognito.later() RETURNS integer LANGUAGE sql AS 'SELECT 1';
        REVOKE ALL ON FUNCTION cognito.later FROM PUBLIC;
        CREATE OR REPLACE PROCEDURE cognito.grant_reader(login name) LANGUAGE plpgsql AS $$
        BEGIN EXECUTE format('GRANT EXECUTE ON FUNCTION cognito.later TO %I', login); END $$;
        """)
    try Migrator(connection: database.owner, migrations: Migration.all + [later]).migrate()
    let logins = [
      (reader.login, "t"), (other, "f"), ("\(other)_2", "f"), (database.handlerLogin, "f"),
    ]
    for (login, isAllowed) in logins {
      XCTAssertEqual(
        try database.value(
          "SELECT has_function_privilege('\(login)', 'cognito.later()', 'EXECUTE')"),
        isAllowed, login)
    }
  }

  func testARoleOfAnyNameIsGranted() throws {
    let database = try TestDatabase()
    let name = database.handlerLogin + #" "odd""#
    let quoted = #""\#(database.handlerLogin) ""odd""""#
    try database.execute("CREATE ROLE \(quoted)")
    defer { try? database.execute("DROP OWNED BY \(quoted); DROP ROLE \(quoted)") }
    try Migrator(connection: database.owner).grantReader(to: name)
    XCTAssertEqual(
      try database.value(
        "SELECT has_table_privilege($1::name, 'cognito.users_live', 'SELECT')", [name]),
      "t")
  }
}
