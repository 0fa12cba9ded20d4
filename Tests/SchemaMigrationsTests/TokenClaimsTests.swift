import Foundation
import Postgres
import TestSupport
import XCTest

/// The contracts of `cognito.claims_for_token`, `token_claims`, `contents_for_token` and `sync_user_for_token`.
final class TokenClaimsTests: XCTestCase {
  private let ada = "3f1c2d4e-5a6b-4c7d-8e9f-0a1b2c3d4e5f"

  private func database() throws -> TestDatabase {
    let database = try TestDatabase()
    try database.query(
      """
      INSERT INTO cognito.users (user_pool_id, sub, username, email, email_verified, attributes,
        client_metadata, sign_up_client_id, observed_at)
      VALUES ('p_1', $1::uuid, 'ada', 'Ada@example.com', true, '{"custom:tenant": "acme", "n": 1.50}',
        '{"referral": "r"}', 'web', now())
      """, [ada])
    try database.execute(
      """
      INSERT INTO cognito.roles (name) VALUES ('b'), ('A');
      INSERT INTO cognito.user_roles SELECT u.id, r.id FROM cognito.users u, cognito.roles r
      """)
    return database
  }

  private func claims(
    _ database: TestDatabase, sub: String?, client: String? = "web", pool: String = "p_1"
  ) throws -> String? {
    try database.value(
      "SELECT cognito.claims_for_token($1::text, $2::uuid, $3::text, 'TokenGeneration_HostedAuth')",
      [pool, sub, client])
  }

  func testEverySourceIsReadForBothTokens() throws {
    let database = try database()
    let id = try XCTUnwrap(database.value("SELECT id FROM cognito.users"))
    let sources: [(source: String, value: String?)] = [
      ("user.id", "\"\(id)\""), ("user.username", #""ada""#), ("user.email", #""Ada@example.com""#),
      ("user.email_verified", "true"), ("user.phone_number", nil),
      ("user.phone_number_verified", nil), ("user.status", nil),
      ("user.sign_up_client_id", #""web""#), ("user.roles", #"["A", "b"]"#),
      ("attribute:custom:tenant", #""acme""#), ("attribute:n", "1.50"), ("attribute:none", nil),
      ("client_metadata:referral", #""r""#), ("client_metadata:none", nil),
      ("constant:authenticated", #""authenticated""#), ("constant:", #""""#),
      ("constant:a:b", #""a:b""#),
    ]
    for (source, value) in sources {
      try database.query("INSERT INTO cognito.token_claims VALUES ('c', $1)", [source])
      let object = value.map { #"{"c": \#($0)}"# } ?? "{}"
      XCTAssertEqual(
        try claims(database, sub: ada), #"{"id": \#(object), "access": \#(object)}"#, source)
      let constant = source.hasPrefix("constant:") ? object : "{}"
      XCTAssertEqual(
        try claims(database, sub: nil), #"{"id": \#(constant), "access": \#(constant)}"#, source)
      try database.execute("DELETE FROM cognito.token_claims")
    }
    XCTAssertEqual(try claims(database, sub: ada), #"{"id": {}, "access": {}}"#)
  }

  func testTheRowOfTheClientAndOfTheTokenComesFirst() throws {
    let database = try database()
    try database.execute(
      """
      INSERT INTO cognito.token_claims VALUES
        ('c', 'constant:both of all', 'both', NULL), ('c', 'constant:id of all', 'id', NULL),
        ('c', 'constant:both of web', 'both', 'web'), ('c', 'constant:access of web', 'access', 'web')
      """)
    XCTAssertEqual(
      try claims(database, sub: ada),
      #"{"id": {"c": "both of web"}, "access": {"c": "access of web"}}"#)
    for client in ["app", nil] {
      XCTAssertEqual(
        try claims(database, sub: ada, client: client),
        #"{"id": {"c": "id of all"}, "access": {"c": "both of all"}}"#)
    }
    // Of the client, even where it has no value.
    try database.execute(
      "UPDATE cognito.token_claims SET source = 'attribute:none' WHERE client_id = 'web'")
    XCTAssertEqual(try claims(database, sub: ada), #"{"id": {}, "access": {}}"#)
  }

  func testWhoIsNotThereOrNotLiveHasNoAnswer() throws {
    let database = try database()
    XCTAssertNil(try claims(database, sub: ada, pool: "p_2"))
    XCTAssertNil(try claims(database, sub: UUID().uuidString))
    for change in ["deleted_at = now()", "deleted_at = NULL, enabled = false"] {
      try database.execute("UPDATE cognito.users SET \(change)")
      XCTAssertNil(try claims(database, sub: ada), change)
    }
  }

  func testTheTableTakesNoReservedClaimAndNoUnknownSource() throws {
    let database = try TestDatabase()
    let rows: [(claim: String, source: String, token: String, constraint: String?)] = [
      ("sub", "user.id", "both", "claim_is_not_reserved"),
      ("sub", "user.id", "id", "claim_is_not_reserved"),
      ("exp", "constant:1", "access", "claim_is_not_reserved"),
      ("aud", "constant:1", "id", "claim_is_not_reserved"),
      ("client_id", "constant:1", "access", "claim_is_not_reserved"),
      ("client_id", "constant:1", "both", "claim_is_not_reserved"),
      ("client_id", "constant:1", "id", nil), ("version", "constant:1", "id", nil),
      ("identities", "constant:1", "id", "claim_is_not_reserved"),
      ("identities", "constant:1", "access", nil),
      ("cognito:groups", "user.roles", "access", "claim_is_not_reserved"),
      ("aws:a", "user.id", "id", "claim_is_not_reserved"),
      ("dev:a", "user.id", "id", "claim_is_not_reserved"),
      ("cognito", "user.id", "both", nil), ("https://hasura.io/jwt/claims", "user.id", "both", nil),
      ("", "user.id", "both", "claim_is_not_empty"), ("a", "user.id", "refresh", "token_is_one"),
      ("a", "user.attributes", "id", "source_is_known"), ("a", "user", "id", "source_is_known"),
      ("a", "attribute:", "id", "source_is_known"), ("a", "Constant:x", "id", "source_is_known"),
      ("a", "client_metadata:", "id", "source_is_known"), ("a", "constant:", "id", nil),
    ]
    for row in rows {
      var refusedBy: String?
      do {
        try database.query(
          "INSERT INTO cognito.token_claims VALUES ($1, $2, $3)",
          [row.claim, row.source, row.token])
      } catch let error as PostgresError {
        guard case .statementFailed(let failure) = error else { throw error }
        refusedBy = failure.constraint
      }
      XCTAssertEqual(refusedBy, row.constraint.map { "token_claims_\($0)" }, "\(row)")
    }
    // A claim has one row for a token and a client.
    try database.execute("DELETE FROM cognito.token_claims")
    try database.execute("INSERT INTO cognito.token_claims VALUES ('a', 'user.id')")
    XCTAssertThrowsError(
      try database.execute("INSERT INTO cognito.token_claims VALUES ('a', 'user.email')"))
  }

  func testAReservedNameIsFoundInAnAnswer() throws {
    let database = try TestDatabase()
    let rows: [(String, String?)] = [
      (#"{"id": {"a": 1, "sub": "x", "iss": "y"}}"#, "iss"),
      (#"{"access": {"client_id": 1}}"#, "client_id"),
      (#"{"id": {"client_id": 1}}"#, nil),
      (#"{"suppress": ["email", "identities"]}"#, "identities"),
      (#"{"suppress": ["email"]}"#, nil), (#"{"id": {"cognito:groups": []}}"#, "cognito:groups"),
      (#"{"scopes": ["sub"]}"#, nil), ("{}", nil), ("null", nil), ("[]", nil),
      (#"{"id": [], "access": "sub", "suppress": {"sub": 1}}"#, nil),
    ]
    for (claims, reserved) in rows {
      XCTAssertEqual(
        try database.value("SELECT cognito.reserved_claim($1::jsonb)", [claims]), reserved, claims)
    }
    XCTAssertNil(try database.value("SELECT cognito.reserved_claim(NULL)"))
  }

  func testOnlyWhatIsAskedForIsAnswered() throws {
    let database = try database()
    try database.execute(
      "INSERT INTO cognito.token_claims VALUES ('t', 'attribute:custom:tenant', 'id')")
    let claims = #"{"id": {"t": "acme"}, "access": {}}"#
    for (roles, wantsClaims, answer) in [
      ("true", "true", ["{A,b}", claims, nil]), ("true", "false", ["{A,b}", nil, nil]),
      ("false", "true", [nil, claims, nil]),
    ] {
      let contents = try database.query(
        """
        SELECT roles, claims, reserved
        FROM cognito.contents_for_token('p_1', $1::uuid, 'web', 's', $2::boolean, $3::boolean)
        """, [ada, roles, wantsClaims])
      XCTAssertEqual(contents, [answer])
      let after = try database.query(
        """
        SELECT roles, claims, reserved FROM cognito.sync_user_for_token(
          'p_1', $1::uuid, 'ada', NULL, NULL, NULL, NULL, NULL, true, '{"custom:tenant": "acme"}', NULL, NULL, NULL,
          NULL, NULL, now(), NULL, 'web', 's', $2::boolean, $3::boolean)
        """, [ada, roles, wantsClaims])
      XCTAssertEqual(after, [answer])
    }
  }

  /// Those of the file's comments, with a table of the team's.
  func testTheExamplesOfATeamsOwnFunctions() throws {
    let database = try database()
    try database.execute(
      """
      CREATE SCHEMA app;
      CREATE TABLE app.members (user_id uuid REFERENCES cognito.users (id), tenant text, role text);
      INSERT INTO app.members SELECT id, t.tenant, t.role FROM cognito.users, (VALUES ('b', 'x'), ('A', 'y')) AS t (tenant, role);
      """)
    for function in ["roles_for_token", "claims_for_token"] {
      try database.execute(
        WorkedExample.text(
          "CREATE OR REPLACE FUNCTION cognito.\(function)(", in: "0008_tokens.sql"))
    }
    let contents = """
      SELECT roles, claims, reserved FROM cognito.contents_for_token('p_1', $1::uuid, 'web', 's', true, true)
      """
    XCTAssertEqual(
      try database.query(contents, [ada]),
      [["{x,y}", #"{"access": {"tenants": ["A", "b"]}, "suppress": ["phone_number"]}"#, nil]])
    XCTAssertEqual(try database.query(contents, [UUID().uuidString]), [[nil, nil, nil]])
  }

  /// A team's own functions, which are asked and not passed by, and see what was written in the same round trip.
  func testAfterWritingTheUserTheFunctionsAreAsked() throws {
    let database = try TestDatabase()
    try database.execute(
      """
      CREATE OR REPLACE FUNCTION cognito.roles_for_token(user_pool_id text, sub uuid) RETURNS text[]
      LANGUAGE sql STABLE SECURITY DEFINER AS $$
        SELECT ARRAY['seen ' || count(*), u.username] FROM cognito.users AS u
        WHERE u.user_pool_id = roles_for_token.user_pool_id AND u.sub = roles_for_token.sub
        GROUP BY u.username $$;
      CREATE OR REPLACE FUNCTION cognito.claims_for_token(
        user_pool_id text, sub uuid, client_id text, trigger_source text) RETURNS jsonb
      LANGUAGE sql STABLE SECURITY DEFINER AS $$
        SELECT jsonb_build_object('id', jsonb_build_object('name', u.username, 'sub', client_id, 'by', trigger_source))
        FROM cognito.users AS u
        WHERE u.user_pool_id = claims_for_token.user_pool_id AND u.sub = claims_for_token.sub $$
      """)
    let sql = """
      SELECT outcome, roles, claims, reserved, id = (SELECT id FROM cognito.users)
      FROM cognito.sync_user_for_token(
        'p_1', $1::uuid, $2::text, NULL, NULL, NULL, NULL, NULL, true, '{}', NULL, NULL, NULL, NULL, NULL,
        '2026-01-02T00:00:00Z', NULL, 'web', 'TokenGeneration_HostedAuth', true, true)
      """
    for (name, outcome) in [("ada", "inserted"), ("ada", "unchanged"), ("bo", "updated")] {
      XCTAssertEqual(
        try database.query(sql, [ada, name]),
        [
          [
            outcome, #"{"seen 1",\#(name)}"#,
            #"{"id": {"by": "TokenGeneration_HostedAuth", "sub": "web", "name": "\#(name)"}}"#,
            "sub",
            outcome == "inserted" ? nil : "t",
          ]
        ])
    }
  }
}
