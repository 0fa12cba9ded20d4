import Foundation
import TestSupport
import XCTest

/// The sessions of the READMEs that tell of the function's features and of the schema, run as they stand.
final class FeatureDocumentTests: XCTestCase {
  private let features = "Sources/TriggerFunction/README.md"
  private let schema = "Sources/SchemaMigrations/README.md"

  func testInvitations() throws {
    let database = try TestDatabase()
    try database.execute("INSERT INTO cognito.roles (name) VALUES ('admin'), ('member')")
    let session = try DocumentedSession(in: features, beginning: "pooltable invite")
    XCTAssertEqual(try session.differences(["DATABASE_URL": database.ownerURL]), [])
  }

  func testTheRowsIdIsWrittenBack() throws {
    let scene = try RoleScene(users: ["ada", "bob"])
    let session = try DocumentedSession(in: features, beginning: "pooltable push --write-back")
    XCTAssertEqual(try session.differences(scene.environment), [])
  }

  func testRolesArePushed() throws {
    let scene = try RoleScene(users: ["ada", "bob", "eve"])
    for role in ["admin", "staff"] { try scene.addRole(role) }
    try scene.moto.createGroup("staff", in: scene.pool)
    try scene.moto.addUser("ada", toGroup: "staff", in: scene.pool)
    try scene.give("staff", to: "ada")
    try scene.take("staff", from: "ada")
    try scene.give("admin", to: "bob")
    try scene.give("staff", to: "eve")
    let session = try DocumentedSession(in: features, beginning: "pooltable push --create-groups")
    XCTAssertEqual(try session.differences(scene.environment), [])
  }

  func testRolesFromTheBeginning() throws {
    let database = try TestDatabase()
    let fence = try DocumentedFence(
      in: schema, language: "sql", beginning: "INSERT INTO cognito.roles (name)")
    try database.execute(fence.text)
    for (name, domain) in [("ada", "example.com"), ("bob", "example.org")] {
      _ = try database.query(
        """
        SELECT cognito.sync_user(
          'eu-central-1_a', md5($1)::uuid, $1, $1 || '@' || $2, true, NULL, NULL, 'CONFIRMED', NULL, '{}', NULL, NULL,
          NULL, now(), NULL, now(), NULL)
        """, [name, domain])
    }
    XCTAssertEqual(
      try database.query(
        """
        SELECT u.username, string_agg(r.name, ',' ORDER BY r.name) FROM cognito.users AS u
        JOIN cognito.user_roles AS ur ON ur.user_id = u.id JOIN cognito.roles AS r ON r.id = ur.role_id
        GROUP BY u.username ORDER BY u.username
        """), [["ada", "employee,member"], ["bob", "member"]])
  }

  func testClaimsInTheToken() throws {
    let database = try TestDatabase()
    let ada = try database.addUser("ada")
    try database.execute(
      """
      UPDATE cognito.users SET attributes = '{"custom:tenant": "acme"}'
      """)
    let fence = try DocumentedFence(
      in: schema, language: "sql", beginning: "INSERT INTO cognito.token_claims")
    try database.execute(fence.text)
    XCTAssertEqual(
      try database.value(
        """
        SELECT cognito.claims_for_token($1::text, $2::uuid, 'web', 'TokenGeneration_Authentication') -> 'id'
          = jsonb_build_object(
              'user_id', $3::text, 'tenant', 'acme', 'role', 'authenticated', 'x-hasura-user-id', $3::text,
              'x-hasura-default-role', 'user', 'x-hasura-allowed-roles', '["ada"]'::jsonb)
        """, [TestDatabase.pool, ada.sub, ada.id]), "t")
  }

  func testAFieldOfAppSyncs() throws {
    let (database, pool) = (try TestDatabase(), "eu-central-1_ExaMPLe01")
    let ada = try database.addUser("ada", pool: pool)
    // Roles are the whole server's.
    defer { try? database.execute("DROP OWNED BY api_login; DROP ROLE api_login") }
    let fence = try DocumentedFence(
      in: features, language: "sql", beginning: "CREATE ROLE api_login")
    try database.execute(fence.text)
    let run = try CommandRun.shell(
      "/bin/bash",
      """
      set -e
      pooltable migrate --database-url "$OWNER_URL" --reader-role api_login >/dev/null
      pooltable events AppSync --sub "$sub" | pooltable replay --json -
      """,
      [
        "OWNER_URL": database.ownerURL, "sub": ada.sub, "APPSYNC": "on",
        "DATABASE_URL": database.url(user: "api_login", password: "…"),
      ])
    XCTAssertEqual(run.exitCode, 0, run.output + run.errors)
    XCTAssertTrue(
      run.output.contains(#"{"email":"ada@example.com","id":"\#(ada.id)"}"#), run.output)
  }

  /// A team that replaces a function begins with what the page shows of it.
  func testTheSignaturesAreTheFunctions() throws {
    let database = try TestDatabase()
    let fences = [
      try DocumentedFence(in: schema, language: "sql", beginning: "cognito.sync_user("),
      try DocumentedFence(in: schema, language: "sql", beginning: "cognito.roles_for_token("),
      try DocumentedFence(in: features, language: "sql", beginning: "cognito.decide_sign_up("),
      try DocumentedFence(in: features, language: "sql", beginning: "cognito.legacy_user("),
      try DocumentedFence(in: features, language: "sql", beginning: "cognito.resolve("),
    ]
    let count = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'cognito'::regnamespace"
    let before = try database.value(count)
    for signature in fences.flatMap({ "\n\($0.text)".components(separatedBy: "\ncognito.") })
    where !signature.isEmpty {
      let definition =
        "CREATE OR REPLACE FUNCTION cognito.\(signature)\nLANGUAGE plpgsql AS $$ BEGIN END $$"
      XCTAssertNoThrow(try database.execute(definition), signature)
    }
    XCTAssertEqual(try database.value(count), before, "one of them is another function")
  }

  func testTheReadersRole() throws {
    let database = try TestDatabase()
    try database.execute("CREATE ROLE backend")
    // Roles are the whole server's.
    let roles = "backend, cognito_reader"
    defer { try? database.execute("DROP OWNED BY \(roles); DROP ROLE \(roles)") }
    let session = try DocumentedSession(
      in: schema, beginning: #"psql "$DATABASE_URL" -qc 'CREATE ROLE"#)
    XCTAssertEqual(try session.differences(["DATABASE_URL": database.ownerURL]), [])
  }
}
