import AWS
import Postgres
import TestSupport
import XCTest

/// Who is asking, by `request.jwt.claims`: whatever that holds, nobody is taken for somebody else.
final class TokenUserTests: XCTestCase {
  private static let pool = PolicyScene.pool
  private static let answers = """
    SELECT cognito.current_sub()::text, cognito.current_user_pool_id(), cognito.current_user_id()::text
    """

  func testTheUserIsKnownByPoolAndSub() throws {
    let scene = try PolicyScene()
    let ada = try scene.addUser("ada")
    // The same sub in another pool is somebody else.
    try scene.database.query(
      "INSERT INTO cognito.users (user_pool_id, sub, observed_at) VALUES ('eu-central-1_b', $1::uuid, now())",
      [ada.sub])
    for (sub, id) in [(ada.sub, ada.id), (ada.sub.uppercased(), ada.id), (UUID().uuidString, nil)] {
      let row = try scene.request(claims: PolicyScene.claims(sub: sub)) {
        try scene.database.query(Self.answers)
      }
      XCTAssertEqual(row, [[sub.lowercased(), Self.pool, id]])
    }
  }

  func testWithoutATokenThereIsNobody() throws {
    let scene = try PolicyScene()
    let database = scene.database
    let ada = try scene.addUser("ada", roles: ["admin"])
    let questions = """
      SELECT cognito.jwt()::text, cognito.current_sub()::text, cognito.current_user_pool_id(),
        cognito.current_user_id()::text, cognito.has_role('admin'), cognito.has_group('admin')
      """
    let nobody = [[nil, nil, nil, nil, "f", "f"]]
    let setting = "SELECT current_setting('request.jwt.claims', true)"
    XCTAssertEqual(try database.query(setting), [[nil]])
    XCTAssertEqual(try scene.request(claims: nil) { try database.query(questions) }, nobody)
    XCTAssertEqual(
      try scene.request(claims: PolicyScene.claims(sub: ada.sub), commits: true) {
        try database.query(questions)
      }[0][3], ada.id)
    // What a pooled connection has from the request before.
    XCTAssertEqual(try database.query(setting), [[""]])
    XCTAssertEqual(try scene.request(claims: nil) { try database.query(questions) }, nobody)
  }

  func testOnlyCognitoIsBelievedWhosePoolItIs() throws {
    let scene = try PolicyScene()
    let ada = try scene.addUser("ada")
    let regions = [
      "eu-central-1", "us-east-1", "ap-southeast-12", "us-gov-west-1", "cn-north-1",
      "eusc-de-east-1",
      "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1",
    ]
    XCTAssertEqual(Set(regions.map { Partition(region: $0).id }).count, 8, "every partition")
    let genuine = regions.flatMap { region in
      ["cognito-idp", "issuer-cognito-idp"].map {
        "https://\($0).\(region).\(Partition(region: region).dnsSuffix)/\(Self.pool)"
      }
    }
    let host = "https://cognito-idp.eu-central-1.amazonaws.com"
    let others = [
      "", Self.pool, "/\(Self.pool)", host, "\(host)/", "\(host)/eu-central-1",
      "\(host)/_ExaMPLe01",
      "\(host)/\(Self.pool)/", "\(host)/\(Self.pool)\n", "\n\(host)/\(Self.pool)",
      "\(host)/x/\(Self.pool)",
      "\(host)//\(Self.pool)", "\(host)/\(Self.pool)?x", "\(host)/\(Self.pool)#",
      "\(host):443/\(Self.pool)",
      "\(host)/other/../\(Self.pool)", "\(host)/%65u-central-1_ExaMPLe01",
      "http://cognito-idp.eu-central-1.amazonaws.com/\(Self.pool)",
      "HTTPS://cognito-idp.eu-central-1.amazonaws.com/\(Self.pool)",
      "https://evil.example/\(Self.pool)", "https://evil.example/\(host)/\(Self.pool)",
      "\(host)@evil.example/\(Self.pool)", "\(host).evil.example/\(Self.pool)",
      "https://x-cognito-idp.eu-central-1.amazonaws.com/\(Self.pool)",
      "https://x.cognito-idp.eu-central-1.amazonaws.com/\(Self.pool)",
      "https://cognito-idp-eu-central-1.amazonaws.com/\(Self.pool)",
      "https://cognito-idp.eu-central-1.amazonaws.com.evil.example/\(Self.pool)",
      "https://cognito-idp.eu-central-1.amazonaws_com/\(Self.pool)",
      "https://cognito-idp.eu-central-1xamazonaws.com/\(Self.pool)",
      "https://cognito-idp.eu-central-1.amazonaws.org/\(Self.pool)",
      // Buckets of those names.
      "https://cognito-idp.s3.amazonaws.com/\(Self.pool)",
      "https://cognito-idp.s3-eu-central-1.amazonaws.com/\(Self.pool)",
      "https://issuer-cognito-idp.s3.eu-central-1.amazonaws.com/\(Self.pool)",
    ]
    for (issuers, id) in [(genuine, ada.id), (others, nil)] {
      for issuer in issuers {
        let row = try scene.request(claims: PolicyScene.claims(sub: ada.sub, issuer: issuer)) {
          try scene.database.query(Self.answers)[0]
        }
        XCTAssertEqual(row[2], id, issuer)
        XCTAssertEqual(row[0], ada.sub)
      }
    }
  }

  func testAMalformedClaimIsNobodys() throws {
    let scene = try PolicyScene()
    let ada = try scene.addUser("ada")
    let hex = ada.sub.replacingOccurrences(of: "-", with: "")
    let issuer = "\"\(PolicyScene.issuer)\""
    // PostgreSQL takes the first four for the same UUID; Cognito has one form.
    let subs = [
      "\"\(hex)\"", "\"{\(ada.sub)}\"", "\" \(ada.sub)\"", "\"\(ada.sub)\\n\"", "\"\(ada.sub)x\"",
      "\"\(ada.sub.dropLast())\"", "\"\"", "\"1example23456789\"", "null", "1", "true",
      "[\"\(ada.sub)\"]",
      "{\"\(ada.sub)\": 1}", "\"%\"", "\"ada\"",
    ]
    var cases = subs.map { #"{"iss": \#(issuer), "sub": \#($0)}"# }
    cases += ["null", "1", "[\(issuer)]", "{}"].map { #"{"iss": \#($0), "sub": "\#(ada.sub)"}"# }
    cases += ["{}", #"{"sub": "\#(ada.sub)"}"#, #"{"iss": \#(issuer)}"#]
    for claims in cases {
      try scene.request(claims: claims) {
        XCTAssertEqual(try scene.database.query(Self.answers)[0][2], nil, claims)
        XCTAssertEqual(try scene.database.value("SELECT cognito.has_role('admin')"), "f", claims)
      }
    }
    let control = #"{"iss": \#(issuer), "sub": "\#(ada.sub)"}"#
    XCTAssertEqual(
      try scene.request(claims: control) { try scene.database.query(Self.answers)[0][2] }, ada.id)
  }

  /// Every question is refused: a policy that denies must not let everybody in.
  func testClaimsThatAreNoObjectAreAnErrorThatDoesNotRepeatThem() throws {
    let scene = try PolicyScene()
    let ada = try scene.addUser("ada")
    let claims = PolicyScene.claims(sub: ada.sub)
    let cases = [
      ("[\(claims)]", "22023"), ("null", "22023"), ("1", "22023"), ("\"\(ada.sub)\"", "22023"),
      ("eyJhbGciOiJSUzI1NiJ9.e30.c2ln", "22023"), ("sub=\(ada.sub)", "22023"), (" ", "22023"),
      (String(claims.dropLast()), "22P02"), (claims + claims, "22P02"), ("{'sub': 'x'}", "22P02"),
      (claims.replacingOccurrences(of: "access", with: "\\u0000"), "22P05"),
    ]
    for (claims, state) in cases {
      for question in [
        "jwt()", "current_sub()", "current_user_pool_id()", "current_user_id()",
        "has_role('admin')",
        "has_group('admin')", "pre_request()",
      ] {
        XCTAssertThrowsError(
          try scene.request(claims: claims) {
            try scene.database.query("SELECT cognito.\(question)")
          },
          "\(question): \(claims)"
        ) { error in
          XCTAssertEqual(
            (error as? PostgresError)?.state, SQLState(state), "\(question): \(claims)")
        }
      }
    }
    try scene.database.execute(
      """
      CREATE FUNCTION words() RETURNS text LANGUAGE plpgsql AS $$
      DECLARE
        message text; detail text; context text;
      BEGIN
        PERFORM cognito.jwt();
      EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, context = PG_EXCEPTION_CONTEXT;
        RETURN concat_ws(' ', message, detail, context);
      END $$
      """)
    let words = try scene.request(claims: "eyJhbGciOiJSUzI1NiJ9.e30.c2ln") {
      try XCTUnwrap(try scene.database.value("SELECT words()"))
    }
    XCTAssertTrue(words.contains("request.jwt.claims is not a JSON object"), words)
    XCTAssertFalse(words.contains("eyJ"), words)
  }

  func testWhoIsGoneIsNobody() throws {
    let scene = try PolicyScene()
    let database = scene.database
    for (how, sql) in [
      ("disabled", "UPDATE cognito.users SET enabled = false WHERE id = $1::uuid"),
      ("deleted", "UPDATE cognito.users SET deleted_at = now() WHERE id = $1::uuid"),
      ("no row", "DELETE FROM cognito.users WHERE id = $1::uuid"),
    ] {
      let user = try scene.addUser(how, roles: ["admin"])
      let claims = PolicyScene.claims(sub: user.sub)
      let questions =
        "SELECT cognito.current_user_id()::text, cognito.has_role('admin'), cognito.current_sub()::text"
      XCTAssertEqual(
        try scene.request(claims: claims) { try database.query(questions) },
        [[user.id, "t", user.sub]])
      try database.query(sql, [user.id])
      XCTAssertEqual(
        try scene.request(claims: claims) { try database.query(questions) },
        [[nil, "f", user.sub]], how)
    }
  }

  func testWhoWasMergedIsNobodyAndNotTheOther() throws {
    let scene = try PolicyScene()
    let database = scene.database
    let (old, new) = (try scene.addUser("old", roles: ["admin"]), try scene.addUser("new"))
    try database.query("UPDATE cognito.users SET deleted_at = now() WHERE id = $1::uuid", [old.id])
    try database.query("SELECT * FROM cognito.merge_users($1::uuid, $2::uuid)", [old.id, new.id])
    let question = "SELECT cognito.current_user_id()::text, cognito.has_role('admin')"
    XCTAssertEqual(
      try scene.request(claims: PolicyScene.claims(sub: old.sub)) { try database.query(question) },
      [[nil, "f"]])
    XCTAssertEqual(
      try scene.request(claims: PolicyScene.claims(sub: new.sub)) { try database.query(question) },
      [[new.id, "t"]])
  }

  /// As pools of connections do it, with statements that are kept, whose plans are as well.
  func testAKeptStatementAsksForEachRequestAnew() throws {
    let scene = try PolicyScene()
    let database = scene.database
    let users = try ["ada", "bo"].map { try scene.addUser($0, roles: [$0]) }
    try database.execute(
      """
      SET plan_cache_mode = force_generic_plan;
      PREPARE who AS SELECT cognito.current_user_id()::text, cognito.has_role('ada')
      """)
    for (user, hasRole) in [(users[0], "t"), (users[1], "f"), (users[0], "t")] {
      XCTAssertEqual(
        try scene.request(claims: PolicyScene.claims(sub: user.sub)) {
          try database.query("EXECUTE who")
        }, [[user.id, hasRole]])
    }
    XCTAssertEqual(
      try scene.request(claims: nil) { try database.query("EXECUTE who") }, [[nil, "f"]])
  }
}
