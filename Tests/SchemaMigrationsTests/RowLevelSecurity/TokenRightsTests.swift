import Postgres
import TestSupport
import XCTest

/// What a user may, by the database and by the token, and who is refused before a request does anything.
final class TokenRightsTests: XCTestCase {
  func testARoleIsTheDatabasesAndAGroupTheTokens() throws {
    let scene = try PolicyScene()
    let database = scene.database
    let ada = try scene.addUser("ada", roles: ["admin", "Näh-Kurs"])
    try scene.request(claims: PolicyScene.claims(sub: ada.sub)) {
      for (name, has) in [
        ("admin", "t"), ("Näh-Kurs", "t"), ("Admin", "f"), ("", "f"), ("%", "f"), (nil, "f"),
      ] {
        XCTAssertEqual(
          try database.value("SELECT cognito.has_role($1::text)", [name]), has, name ?? "NULL")
        XCTAssertEqual(
          try database.value("SELECT cognito.has_group($1::text)", [name]), "f", name ?? "NULL")
      }
    }
    let groups: [(String, String?, String)] = [
      (#"["admin", "staff"]"#, "staff", "t"), (#"["admin"]"#, "Admin", "f"),
      (#"["admin"]"#, nil, "f"),
      ("[]", "admin", "f"), ("null", "admin", "f"), (#""admin""#, "admin", "f"),
      (#"{"admin": 1}"#, "admin", "f"),
      (#"[["admin"]]"#, "admin", "f"), (#"[{"admin": 1}]"#, "admin", "f"), ("[1]", "1", "f"),
    ]
    for (groups, name, has) in groups {
      XCTAssertEqual(
        try scene.request(claims: #"{"cognito:groups": \#(groups)}"#) {
          try database.value("SELECT cognito.has_group($1::text)", [name])
        }, has, groups)
    }
  }

  func testATeamsOwnRolesAreThoseOfPoliciesToo() throws {
    let scene = try PolicyScene()
    let ada = try scene.addUser("ada", roles: ["admin"])
    try scene.database.execute(
      """
      CREATE OR REPLACE FUNCTION cognito.roles_for_token(user_pool_id text, sub uuid) RETURNS text[]
      LANGUAGE sql STABLE AS $$ SELECT ARRAY['of ' || user_pool_id, NULL] $$
      """)
    let questions = "SELECT cognito.has_role('of \(PolicyScene.pool)'), cognito.has_role('admin')"
    let claims = PolicyScene.claims(sub: ada.sub)
    XCTAssertEqual(
      try scene.request(claims: claims) { try scene.database.query(questions) }, [["t", "f"]])
    try scene.database.execute("UPDATE cognito.users SET enabled = false")
    XCTAssertEqual(
      try scene.request(claims: claims) { try scene.database.query(questions) }, [["f", "f"]],
      "whatever that function says of a user who is disabled")
  }

  func testWhoIsSignedInWithoutALiveRowIsRefusedBeforeTheRequest() throws {
    let scene = try PolicyScene()
    let (ada, bo) = (try scene.addUser("ada"), try scene.addUser("bo"))
    try scene.database.query(
      "UPDATE cognito.users SET enabled = false WHERE id = $1::uuid", [bo.id])
    let cases: [(String?, Bool)] = [
      (nil, true), ("", true), ("{}", true),
      // What PostgREST sets where there is no token.
      (#"{"role":"anon"}"#, true), (PolicyScene.claims(sub: ada.sub), true),
      (PolicyScene.claims(sub: bo.sub), false), (PolicyScene.claims(sub: UUID().uuidString), false),
      // A token for a client's own credentials.
      (PolicyScene.claims(sub: "1example23456789"), false),
      (PolicyScene.claims(sub: ada.sub, issuer: "https://evil.example/\(PolicyScene.pool)"), false),
      (#"{"sub": null}"#, false), (#"{"sub": "\#(ada.sub)"}"#, false),
    ]
    for (claims, passes) in cases {
      var state: SQLState?
      do {
        _ = try scene.request(claims: claims) {
          // PostgREST asks in transactions like this.
          try scene.database.query("SET TRANSACTION READ ONLY")
          return try scene.database.query("SELECT cognito.pre_request()")
        }
      } catch let error as PostgresError {
        state = error.state
      }
      XCTAssertEqual(state, passes ? nil : SQLState("PT401"), claims ?? "NULL")
    }
  }
}
