import CognitoTriggers
import Foundation
import JSON
import LocalLambda
import TestSupport
import XCTest

/// `TOKEN_CLAIMS`: token events are answered with the database's claims, beside the roles and after the write.
final class TokenClaimsTests: XCTestCase {
  private static let pool = "eu-central-1_ExaMPLe01"
  private static let sources = [
    "TokenGeneration_HostedAuth", "TokenGeneration_Authentication",
    "TokenGeneration_NewPasswordChallenge", "TokenGeneration_AuthenticateDevice",
    "TokenGeneration_RefreshTokens",
  ]

  private func function(
    _ database: TestDatabase, url: String? = nil, _ settings: [String: String] = [:]
  ) throws -> FunctionUnderTest {
    try FunctionUnderTest(
      environment: ["DATABASE_URL": url ?? database.handlerURL, "TOKEN_CLAIMS": "on"]
        .merging(settings) { $1 },
      keeping: database)
  }

  /// A row for everybody whom the fixtures know, and these claims.
  private func database(_ claims: String) throws -> TestDatabase {
    let database = try TestDatabase()
    for file in try tokenFixtures() {
      guard let sub = try TriggerEvent(Array(Data(contentsOf: file))).attributes.sub else {
        continue
      }
      try database.query(
        """
        INSERT INTO cognito.users (user_pool_id, sub, attributes, observed_at)
        VALUES ($1::text, $2::uuid, '{"custom:tenant": "acme"}', now()) ON CONFLICT DO NOTHING
        """, [Self.pool, sub.description])
    }
    try database.execute("INSERT INTO cognito.token_claims VALUES \(claims)")
    return database
  }

  private func tokenFixtures() throws -> [URL] {
    try TestEnvironment.fixtureFiles(in: "events/sources")
      .filter { $0.lastPathComponent.hasPrefix("TokenGeneration") }
  }

  private func fixture(_ name: String) throws -> [UInt8] {
    Array(
      try Data(contentsOf: TestEnvironment.fixtures.appendingPathComponent("events/\(name).json")))
  }

  /// The override in an answer, which must be the event but for it.
  private func details(
    in answer: Answer, to event: [UInt8], _ label: String, line: UInt = #line
  ) throws -> [JSONKey: JSONValue] {
    guard case .response(let bytes) = answer.kind else {
      XCTFail("\(label) was answered with an error", line: line)
      return [:]
    }
    let (before, after) = (
      try XCTUnwrap(JSONValue(parsing: event).object),
      try XCTUnwrap(JSONValue(parsing: bytes).object)
    )
    for (key, value) in before where key != "response" { XCTAssertEqual(after[key], value, label) }
    XCTAssertEqual(before.count, after.count, label)
    let response = try XCTUnwrap(after["response"]?.object, label, line: line)
    XCTAssertEqual(response.count, 1)
    return response.first?.value.object ?? [:]
  }

  func testEveryTokenEventGetsTheClaimsThatItsVersionCarries() throws {
    let database = try database(
      """
      ('user_id', 'user.id', 'both', NULL), ('tenant', 'attribute:custom:tenant', 'id', NULL),
      ('roles', 'user.roles', 'id', NULL), ('role', 'constant:authenticated', 'access', NULL),
      ('other', 'constant:x', 'id', 'another client')
      """)
    let function = try function(database)
    var versions: Set<String> = []
    for file in try tokenFixtures() where !file.lastPathComponent.contains("ClientCredentials") {
      let event = Array(try Data(contentsOf: file))
      let decoded = try TriggerEvent(event)
      let id = JSONValue.string(
        try XCTUnwrap(
          database.value(
            "SELECT id FROM cognito.users WHERE sub = $1::uuid",
            [XCTUnwrap(decoded.attributes.sub).description])))
      let details = try details(in: function.invoke(event), to: event, file.lastPathComponent)
      let version = try XCTUnwrap(JSONValue(parsing: event).object?["version"]?.string)
      if version == "1" {
        XCTAssertEqual(
          details, ["claimsToAddOrOverride": .object(["user_id": id, "tenant": .string("acme")])])
      } else {
        XCTAssertEqual(
          details,
          [
            "idTokenGeneration": .object([
              "claimsToAddOrOverride": .object([
                "user_id": id, "tenant": .string("acme"), "roles": .array([]),
              ])
            ]),
            "accessTokenGeneration": .object([
              "claimsToAddOrOverride": .object(["user_id": id, "role": .string("authenticated")])
            ]),
          ])
      }
      XCTAssertEqual(try function.lastOutcome(), "overridden")
      versions.insert(version)
    }
    XCTAssertEqual(versions, ["1", "2", "3"])
    // What version 1 does not carry is said once, not at each of its events.
    let lines = try function.logLines().filter { $0["level"] as? String == "WARN" }
    XCTAssertEqual(
      Set(lines.compactMap { $0["message"] as? String }),
      [
        "version 1 of the token event carries no claim of the access token: let the pool send version 2 (V2_0), or 3",
        "version 1 of the token event does not carry the claim 'roles', which is no string: "
          + "let the pool send version 2 (V2_0), or 3",
      ])
    XCTAssertEqual(lines.count, 2)
  }

  func testRolesClaimsAndTheWriteAreOneRoundTrip() throws {
    let database = try TestDatabase()
    try database.execute(
      """
      INSERT INTO cognito.token_claims VALUES ('user_id', 'user.id');
      INSERT INTO cognito.roles (name) VALUES ('member');
      INSERT INTO cognito.default_roles (role_id) SELECT id FROM cognito.roles;
      """)
    let relay = try TCPRelay(to: database.serverPort)
    let function = try function(
      database,
      url: database.urlForHandler(port: relay.port),
      ["TOKEN_ROLES": "on", "SYNC_ON_TOKEN": "on"])
    // The first has more to say: it logs in.
    _ = try function.invoke(TestEvent())
    for source in Self.sources {
      var event = TestEvent(source)
      for written in ["inserted", "unchanged", "updated"] {
        if written == "updated" { event.attributes["email"] = "new@example.com" }
        let requests = relay.requestCount
        let details = try details(in: function.invoke(event), to: event.bytes, source)
        XCTAssertEqual(relay.requestCount - requests, 1, source)
        let id = try XCTUnwrap(
          database.value(
            "SELECT id FROM cognito.users WHERE sub = $1::uuid",
            [event.attributes["sub"] as? String]))
        let claims = details["idTokenGeneration"]?.object ?? details
        XCTAssertEqual(claims["claimsToAddOrOverride"], .object(["user_id": .string(id)]), source)
        XCTAssertEqual(
          details["groupOverrideDetails"]?.object?["groupsToOverride"],
          .array([.string("member")]))
        let report = try XCTUnwrap(function.reports().last)
        XCTAssertEqual(report["outcome"] as? String, "overridden")
        XCTAssertEqual(report["written"] as? String, written)
      }
    }
  }

  /// The only event of a user without a row: the row is written, and the default roles are in this very answer.
  func testTheFirstAndOnlyEventOfAFederatedUser() throws {
    let database = try TestDatabase()
    try database.execute(
      """
      INSERT INTO cognito.roles (name) VALUES ('member'), ('employee'), ('other');
      INSERT INTO cognito.default_roles (role_id) SELECT id FROM cognito.roles WHERE name = 'member';
      INSERT INTO cognito.default_roles (role_id, email_domain) SELECT id, 'example.net' FROM cognito.roles WHERE name = 'other';
      INSERT INTO cognito.token_claims VALUES ('roles', 'user.roles');
      """)
    let function = try function(database, ["TOKEN_ROLES": "on", "SYNC_ON_TOKEN": "on"])
    let event = try fixture("variations/token-only-federated")
    let details = try details(in: function.invoke(event), to: event, "")
    XCTAssertEqual(
      details["groupOverrideDetails"]?.object?["groupsToOverride"], .array([.string("member")]))
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.users"), "1")
  }

  func testAClientsOwnTokenGetsConstantsAndReadsNoUser() throws {
    let database = try database(
      """
      ('tenant', 'constant:acme', 'access', '7exampleclientid0invented1'),
      ('user_id', 'user.id', 'both', NULL)
      """)
    let event = try fixture("sources/TokenGeneration_ClientCredentials")
    let function = try function(database, ["TOKEN_ROLES": "on", "SYNC_ON_TOKEN": "on"])
    XCTAssertEqual(
      try details(in: function.invoke(event), to: event, ""),
      [
        "accessTokenGeneration": .object([
          "claimsToAddOrOverride": .object(["tenant": .string("acme")])
        ])
      ])
    // No claims for it, or no answer at all: the token is as Cognito made it.
    for change in [
      "DELETE FROM cognito.token_claims",
      """
      CREATE OR REPLACE FUNCTION cognito.claims_for_token(
        user_pool_id text, sub uuid, client_id text, trigger_source text) RETURNS jsonb
      LANGUAGE sql AS 'SELECT NULL::jsonb'
      """,
    ] {
      try database.execute(change)
      XCTAssertTrue(try function.invoke(event).echoes(event), change)
      XCTAssertNotEqual(try function.lastOutcome(), "failed")
    }
  }

  func testReadingTheClaimsWritesNothing() throws {
    let database = try database("('user_id', 'user.id')")
    let function = try function(database)
    let event = try fixture("sources/TokenGeneration_HostedAuth")
    _ = try function.invoke(event)
    let state = "SELECT pg_current_wal_insert_lsn(), pg_snapshot_xmax(pg_current_snapshot())"
    let before = try database.query(state)
    for _ in 1...20 { XCTAssertFalse(try function.invoke(event).echoes(event)) }
    XCTAssertEqual(try database.query(state), before)
  }

  func testThroughPgBouncerToo() throws {
    let database = try database("('user_id', 'user.id')")
    let port = try XCTUnwrap(Int(TestEnvironment.variable("POOLTABLE_TEST_PGBOUNCER_PORT")))
    for settings in [[:], ["SYNC_ON_TOKEN": "on"]] {
      let function = try function(
        database,
        url: database.urlForHandler(port: port), settings)
      for file in try tokenFixtures() where !file.lastPathComponent.contains("ClientCredentials") {
        let event = Array(try Data(contentsOf: file))
        XCTAssertFalse(try details(in: function.invoke(event), to: event, "").isEmpty)
      }
    }
  }

  func testItIsOffUnlessAskedFor() throws {
    let database = try database("('user_id', 'user.id')")
    for setting in ["off", ""] {
      let function = try function(database, ["TOKEN_CLAIMS": setting])
      for file in try tokenFixtures() {
        let event = Array(try Data(contentsOf: file))
        XCTAssertTrue(try function.invoke(event).echoes(event), file.lastPathComponent)
        XCTAssertEqual(try function.lastOutcome(), "passed")
      }
    }
  }

  /// By the policy for tokens, and with a line that says what is wrong and quotes no claim.
  func testAnAnswerThatCannotBeUsedIsAFailure() throws {
    let database = try database("('user_id', 'user.id')")
    let answers: [(body: String, problem: String)] = [
      (
        #"'{"id": {"sub": "secret"}}'"#,
        "cognito.claims_for_token answered with the claim 'sub', which Cognito lets nobody set or suppress"
      ),
      (
        #"'{"acess": {"a": "secret"}}'"#,
        "cognito.claims_for_token: the answer has a member other than"
      ),
      (
        #"'{"id": "secret"}'"#,
        "cognito.claims_for_token: the answer must be an object of id and access"
      ),
      (
        "jsonb_build_object('id', jsonb_build_object('a', repeat('secret', 1400)))",
        "cognito.claims_for_token: the claims are 8417 bytes, more than the 8192 that a token in a header"
      ),
      ("NULL", "cognito.users has no such user"),
    ]
    for answer in answers {
      try database.execute(
        """
        CREATE OR REPLACE FUNCTION cognito.claims_for_token(
          user_pool_id text, sub uuid, client_id text, trigger_source text) RETURNS jsonb
        LANGUAGE sql AS $$ SELECT \(answer.body)::jsonb $$
        """)
      for (policy, settings) in [
        ("continue", [:]), ("continue", ["SYNC_ON_TOKEN": "on"]),
        ("fail", ["TOKEN_GENERATION_ON_FAILURE": "fail"]),
      ] {
        let function = try function(database, settings)
        let event = try fixture("sources/TokenGeneration_Authentication.v2")
        let reply = try function.invoke(event)
        if policy == "fail" {
          guard case .error("Function.TokenContentsUnavailable", _) = reply.kind else {
            XCTFail("\(answer.body): \(reply.kind)")
            continue
          }
        } else {
          XCTAssertTrue(reply.echoes(event), answer.body)
        }
        let report = try XCTUnwrap(function.reports().last)
        XCTAssertEqual(report["outcome"] as? String, "failed")
        let problem = try XCTUnwrap(report["problem"] as? String)
        XCTAssertTrue(problem.contains(answer.problem), problem)
        XCTAssertFalse(function.logText.contains("secret"))
      }
    }
  }
}
