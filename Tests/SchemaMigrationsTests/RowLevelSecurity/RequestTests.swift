import Foundation
import JSON
import TestSupport
import XCTest

/// A database with the examples, a layer in front of it, and tokens of a pool: of users whose tokens stay the same, whatever
/// becomes of them.
class RequestTestCase: XCTestCase {
  private static let sub = "9d0e1c1a-0000-4000-8000-0000000000"
  private var scene: PolicyScene!
  private var tokens: [String: String] = [:]
  private var server: RequestServer!

  /// What answers.
  func program() throws -> RequestServer.Program { .standIn(setsClaimsWithoutToken: true) }

  override func setUpWithError() throws {
    let program = try program()
    scene = try PolicyScene("own_rows", "tenant_rows", "admins_only")
    try scene.database.execute(
      """
      CREATE TABLE api.notices AS SELECT 'open' AS text;
      GRANT SELECT ON api.notices TO \(scene.anon), \(scene.authenticated);
      CREATE VIEW api.settings AS
      SELECT current_setting('request.jwt.claims', true) AS claims, cognito.current_user_id()::text AS id;
      GRANT SELECT ON api.settings TO \(scene.anon);
      INSERT INTO api.buckets VALUES ('a');
      """)
    let drafts = drafts()
    let signed = try PyJWTTokens.signed(drafts.map(\.draft))
    tokens = Dictionary(uniqueKeysWithValues: zip(drafts.map(\.name), signed.tokens))
    server = try RequestServer(program, for: scene, keySet: try keys("pool", of: signed.keySet))
  }

  override func tearDown() {
    // Its connection first, then the roles, then the database.
    (server, scene) = (nil, nil)
  }

  private func drafts() -> [(name: String, draft: TokenDraft)] {
    let ada = Self.sub + "01"
    return [
      ("ada", draft(ada)), ("bo", draft(Self.sub + "02")), ("bo again", draft(Self.sub + "03")),
      ("nobody", draft(Self.sub + "04")), ("client", draft("1example23456789")),
      ("owner", draft(ada, role: "postgres")), ("roleless", draft(ada, role: nil)),
      ("forged", draft(ada, by: .stranger)),
      ("unsigned", draft(ada, algorithm: "none", by: .nobody)),
      ("HS256", draft(ada, algorithm: "HS256", by: .publicKeyAsSecret)),
      ("expired", draft(ada, expiresIn: -3600)),
      ("elsewhere", draft(ada, issuer: "https://evil.example/\(PolicyScene.pool)")),
    ]
  }

  private func draft(
    _ sub: String, role: String? = "authenticated", issuer: String = PolicyScene.issuer,
    expiresIn seconds: Int = 3600, algorithm: String = "RS256", by signer: TokenDraft.Signer = .pool
  ) -> TokenDraft {
    let now = Int(Date().timeIntervalSince1970)
    let role = role.map { $0 == "authenticated" ? scene.authenticated : $0 }
    let roleClaim = role.map { #","role":"\#($0)""# } ?? ""
    return TokenDraft(
      header: #"{"alg":"\#(algorithm)","kid":"pool"}"#,
      claims: #"""
        {"iss":"\#(issuer)","sub":"\#(sub)","token_use":"access","iat":\#(now - 7200),"exp":\#(now + seconds)\#(roleClaim)}
        """#,
      signer: signer)
  }

  /// Only those keys of a JWKS that have this name.
  private func keys(_ name: String, of keySet: String) throws -> String {
    guard case .array(let all)? = try JSONValue(parsing: Array(keySet.utf8)).object?["keys"] else {
      XCTFail("no key set")
      return keySet
    }
    return JSONValue.object(["keys": .array(all.filter { $0.object?["kid"]?.string == name })])
      .jsonText
  }

  private func token(_ name: String) throws -> String { try XCTUnwrap(tokens[name]) }

  /// The values of a column, or nil where the status is not 200.
  private func column(_ name: JSONKey, of path: String, token user: String?) throws -> [String?]? {
    let answer = try server.get(path, token: user.map(token))
    guard answer.status == 200, case .array(let rows)? = answer.body else { return nil }
    return rows.map { $0.object?[name]?.string }
  }

  private func user(_ number: Int, _ name: String, roles: [String] = []) throws -> TestUser {
    try scene.addUser(name, sub: Self.sub + "0\(number)", roles: roles)
  }

  func checkARequestSeesWhatItsUserMaySee() throws {
    _ = (try user(1, "ada", roles: ["admin"]), try user(2, "bo"))
    for name in ["ada", "bo"] {
      let answer = try server.post("orders", ["item": .string("of \(name)")], token: token(name))
      XCTAssertEqual(answer.status, 201, "\(String(describing: answer.body))")
    }
    for _ in 1...2 {
      XCTAssertEqual(try column("item", of: "orders", token: "bo"), ["of bo"])
      XCTAssertEqual(try column("item", of: "orders", token: "ada"), ["of ada", "of bo"])
    }
    XCTAssertEqual(try server.post("rpc/list_buckets", token: token("ada")).status, 200)
    let refused = try server.post("rpc/list_buckets", token: token("bo"))
    XCTAssertEqual(refused.status, 403)
    XCTAssertEqual(refused.body?.object?["message"]?.string, "for admins only")
    let foreign =
      ["item": JSONValue.string("x"), "owner": .string(UUID().uuidString)] as [JSONKey: JSONValue]
    XCTAssertEqual(try server.post("orders", foreign, token: token("bo")).status, 403)
  }

  func checkARoleThatIsTakenAwayIsGoneAtOnce() throws {
    let ada = try user(1, "ada", roles: ["admin"])
    _ = try user(2, "bo")
    _ = try server.post("orders", ["item": .string("of bo")], token: token("bo"))
    XCTAssertEqual(try column("item", of: "orders", token: "ada"), ["of bo"])
    try scene.database.query("DELETE FROM cognito.user_roles WHERE user_id = $1::uuid", [ada.id])
    XCTAssertEqual(try column("item", of: "orders", token: "ada"), [])
    XCTAssertEqual(try server.post("rpc/list_buckets", token: token("ada")).status, 403)
  }

  func checkWhoIsDisabledIsRefusedUntilEnabledAgain() throws {
    let ada = try user(1, "ada", roles: ["admin"])
    for (enabled, status) in [("true", 200), ("false", 401), ("true", 200)] {
      try scene.database.query(
        "UPDATE cognito.users SET enabled = $2::boolean WHERE id = $1::uuid", [ada.id, enabled])
      for path in ["orders", "documents", "notices"] {
        XCTAssertEqual(try server.get(path, token: token("ada")).status, status, path)
      }
      XCTAssertEqual(try server.post("rpc/list_buckets", token: token("ada")).status, status)
    }
  }

  func checkWhoIsDeletedAndComesBackIsSomebodyElse() throws {
    let bo = try user(2, "bo", roles: ["admin"])
    _ = try server.post("orders", ["item": .string("of bo")], token: token("bo"))
    XCTAssertEqual(try server.get("orders", token: token("bo again")).status, 401)
    try scene.database.query(
      "UPDATE cognito.users SET deleted_at = now() WHERE id = $1::uuid", [bo.id])
    XCTAssertEqual(try server.get("orders", token: token("bo")).status, 401)
    // The same address, and a sub of its own.
    _ = try user(3, "bo")
    XCTAssertEqual(try server.get("orders", token: token("bo")).status, 401, "the old token")
    XCTAssertEqual(try column("item", of: "orders", token: "bo again"), [])
    XCTAssertEqual(try server.post("rpc/list_buckets", token: token("bo again")).status, 403)
  }

  func checkATokenThatIsNotGoodReachesNothing() throws {
    _ = try user(1, "ada", roles: ["admin"])
    let cases = [
      ("ada", 200), ("forged", 401), ("unsigned", 401), ("HS256", 401), ("expired", 401),
      ("nobody", 401),
      ("client", 401),
      ("elsewhere", 401),
      // Signed by the pool, for a role that the layer's login may not become.
      ("owner", 403),
    ]
    for (name, status) in cases {
      XCTAssertEqual(try server.get("notices", token: token(name)).status, status, name)
    }
    let good = try token("ada")
    for bad in [
      String(good.dropLast(4)), "\(good).e30", good.replacingOccurrences(of: ".", with: ""),
    ] {
      XCTAssertEqual(try server.get("notices", token: bad).status, 401)
    }
    XCTAssertEqual(try server.get("notices", token: good).status, 200)
  }

  func checkWithoutATokenOnlyWhatAnybodyMaySee() throws {
    _ = try user(1, "ada", roles: ["admin"])
    XCTAssertEqual(try column("text", of: "notices", token: nil), ["open"])
    XCTAssertEqual(try server.get("orders").status, 401)
    XCTAssertEqual(try server.post("rpc/list_buckets").status, 401)
    // A token without a claim for the role is anybody's too.
    XCTAssertEqual(try server.get("notices", token: token("roleless")).status, 200)
    XCTAssertNotEqual(try server.get("orders", token: token("roleless")).status, 200)
  }

  /// The setting is empty by then, and not what the request before had set.
  func checkARequestWithoutATokenSeesNothingOfTheOneBefore() throws {
    _ = try user(1, "ada", roles: ["admin"])
    try scene.database.execute(
      """
      GRANT SELECT ON api.orders TO \(scene.anon);
      ALTER POLICY own_rows ON api.orders TO PUBLIC;
      ALTER POLICY all_rows ON api.orders TO PUBLIC;
      """)
    _ = try server.post("orders", ["item": .string("of ada")], token: token("ada"))
    for _ in 1...3 {
      XCTAssertEqual(try column("item", of: "orders", token: "ada"), ["of ada"])
      XCTAssertEqual(try column("item", of: "orders", token: nil), [])
    }
    XCTAssertEqual(try column("id", of: "settings", token: nil), [nil])
    let claims = try column("claims", of: "settings", token: nil)?.first ?? nil
    XCTAssertEqual(claims?.replacingOccurrences(of: " ", with: ""), claimsWithoutToken())
  }

  func claimsWithoutToken() -> String { #"{"role":"\#(scene.anon)"}"# }
}

/// From a token to the row, over HTTP, as PostgREST does it.
final class RequestTests: RequestTestCase {
  func testARequestSeesWhatItsUserMaySee() throws { try checkARequestSeesWhatItsUserMaySee() }
  func testARoleThatIsTakenAwayIsGoneAtOnce() throws { try checkARoleThatIsTakenAwayIsGoneAtOnce() }
  func testWhoIsDisabledIsRefusedUntilEnabledAgain() throws {
    try checkWhoIsDisabledIsRefusedUntilEnabledAgain()
  }
  func testWhoIsDeletedAndComesBackIsSomebodyElse() throws {
    try checkWhoIsDeletedAndComesBackIsSomebodyElse()
  }
  func testATokenThatIsNotGoodReachesNothing() throws {
    try checkATokenThatIsNotGoodReachesNothing()
  }
  func testWithoutATokenOnlyWhatAnybodyMaySee() throws {
    try checkWithoutATokenOnlyWhatAnybodyMaySee()
  }
  func testARequestWithoutATokenSeesNothingOfTheOneBefore() throws {
    try checkARequestWithoutATokenSeesNothingOfTheOneBefore()
  }
}

/// A layer of somebody's own, which sets nothing where there is no token.
final class RequestsWithoutClaimsTests: RequestTestCase {
  override func program() -> RequestServer.Program { .standIn(setsClaimsWithoutToken: false) }
  override func claimsWithoutToken() -> String { "" }

  func testWithoutATokenOnlyWhatAnybodyMaySee() throws {
    try checkWithoutATokenOnlyWhatAnybodyMaySee()
  }
  func testARequestWithoutATokenSeesNothingOfTheOneBefore() throws {
    try checkARequestWithoutATokenSeesNothingOfTheOneBefore()
  }
}

/// PostgREST itself, where it is on the PATH: it is in no registry that the tests install from.
final class PostgRESTTests: RequestTestCase {
  override func program() throws -> RequestServer.Program {
    let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
    let paths = folders.map { "\($0)/postgrest" }
    guard let path = paths.first(where: FileManager.default.isExecutableFile) else {
      throw XCTSkip("NOT tested with PostgREST itself: there is no postgrest on the PATH")
    }
    return .postgrest(path)
  }

  func testARequestSeesWhatItsUserMaySee() throws { try checkARequestSeesWhatItsUserMaySee() }
  func testARoleThatIsTakenAwayIsGoneAtOnce() throws { try checkARoleThatIsTakenAwayIsGoneAtOnce() }
  func testWhoIsDisabledIsRefusedUntilEnabledAgain() throws {
    try checkWhoIsDisabledIsRefusedUntilEnabledAgain()
  }
  func testWhoIsDeletedAndComesBackIsSomebodyElse() throws {
    try checkWhoIsDeletedAndComesBackIsSomebodyElse()
  }
  func testATokenThatIsNotGoodReachesNothing() throws {
    try checkATokenThatIsNotGoodReachesNothing()
  }
  func testWithoutATokenOnlyWhatAnybodyMaySee() throws {
    try checkWithoutATokenOnlyWhatAnybodyMaySee()
  }
  func testARequestWithoutATokenSeesNothingOfTheOneBefore() throws {
    try checkARequestWithoutATokenSeesNothingOfTheOneBefore()
  }
}
