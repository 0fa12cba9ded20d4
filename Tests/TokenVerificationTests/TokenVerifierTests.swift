import Clock
import JSON
import TestSupport
import XCTest

@testable import TokenVerification

/// Tokens that must be taken, by PyJWT as well.
final class TokenVerifierTests: XCTestCase {
  private struct Good {
    var name: String
    var draft: TokenDraft
    var expected = TokenScene.accessOnly

    init(
      _ name: String, header: String = TestToken.header, claims: String = TestToken.claims(),
      _ change: (inout TokenExpectations) -> Void = { _ in }
    ) {
      self.name = name
      draft = TokenDraft(header: header, claims: claims)
      change(&expected)
    }
  }

  func testTheyAreTaken() throws {
    let now = TestToken.now
    func issued(by host: String) -> String {
      TestToken.claims(["iss": "\"https://\(host)/\(TestToken.pool)\""])
    }
    let goods = [
      Good("an access token"),
      Good("an ID token", claims: TestToken.idClaims()) { $0.use = .id },
      Good("either", claims: TestToken.idClaims()) { $0.use = nil },
      Good("of any client", claims: TestToken.claims(["client_id": #""x""#])) {
        $0.clientIDs = nil
      },
      Good(
        "of the updated issuer", claims: issued(by: "issuer-cognito-idp.eu-central-1.amazonaws.com")
      ),
      Good("of a replica", claims: issued(by: "cognito-idp.us-west-2.amazonaws.com")),
      Good("with another type", header: #"{"typ":"at+jwt","kid":"pool","alg":"RS256"}"#),
      Good("with white space", header: "{ \"kid\" : \"pool\",\n \"alg\" : \"RS256\" }"),
      Good("by a key without use and alg", header: #"{"kid":"bare","alg":"RS256"}"#),
      Good("valid from now", claims: TestToken.claims(["nbf": "\(now)"])),
      Good(
        "parts of a second", claims: TestToken.claims(["exp": "\(now + 600).5", "iat": "1.5e9"])),
      Good("without a time of issue", claims: TestToken.claims(["iat": nil])),
      Good("in one of the groups") { $0.groups = ["admins", "staff"] },
      Good("with one of the scopes") { $0.scopes = ["orders/read", "orders/write"] },
    ]
    let signed = try PyJWTTokens.signed(goods.map(\.draft))
    let keys = try XCTUnwrap(JSONWebKeySet(Array(signed.keySet.utf8)))
    let issuers = try TokenScene.issuers()
    for (good, token) in zip(goods, signed.tokens) {
      let verifier = TokenVerifier(issuers, keys: keys, expecting: good.expected)
      let claims = try verifier.claims(
        of: Array(token.utf8), at: TokenScene.time, until: .after(.seconds(1)))
      XCTAssertEqual(
        JSONValue.object(claims), try JSONValue(parsing: Array(good.draft.claims.utf8)), good.name)
    }
    let verdicts = try PyJWTTokens.verdicts(
      on: signed.tokens, keySet: signed.keySet, issuers: issuers.all.map(\.name.text),
      clientIDs: [TestToken.client])
    XCTAssertEqual(verdicts, goods.map { _ in nil })
  }

  func testGraceCountsBothWays() throws {
    let now = TestToken.now
    let rows: [(claim: String, offset: Int, grace: Int, isValid: Bool)] = [
      ("exp", -5, 0, false), ("exp", -5, 5, false), ("exp", -5, 6, true),
      ("nbf", 5, 4, false), ("nbf", 5, 5, true), ("iat", 5, 4, false), ("iat", 5, 5, true),
    ]
    for row in rows {
      var expected = TokenScene.accessOnly
      expected.grace = .seconds(row.grace)
      let text = TestToken.claims([row.claim: "\(now + row.offset)"])
      let claims = try XCTUnwrap(try JSONValue(parsing: Array(text.utf8)).object)
      let fault: TokenFault?
      do {
        try TokenRule.check(claims, expected, at: TokenScene.time)
        fault = nil
      } catch {
        fault = error
      }
      XCTAssertEqual(fault == nil, row.isValid, "\(row): \(String(describing: fault))")
    }
  }

  func testTheLongestTokenIsTaken() throws {
    func token(padding count: Int) throws -> (String, JSONWebKeySet) {
      let claims = TestToken.claims(["x": "\"\(String(repeating: "x", count: count))\""])
      let signed = try PyJWTTokens.signed([TokenDraft(header: TestToken.header, claims: claims)])
      return (
        try XCTUnwrap(signed.tokens.first), try XCTUnwrap(JSONWebKeySet(Array(signed.keySet.utf8)))
      )
    }
    // Three bytes more are four characters more; the length of a part is never 1 beyond a multiple of 4.
    let base = try token(padding: 0).0.utf8.count
    var (longest, keys) = try token(padding: (SignedToken.lengthLimit - base) / 4 * 3)
    XCTAssertLessThanOrEqual(longest.utf8.count, SignedToken.lengthLimit)
    XCTAssertGreaterThan(longest.utf8.count, SignedToken.lengthLimit - 4)
    func verifier() throws -> TokenVerifier {
      TokenVerifier(try TokenScene.issuers(), keys: keys, expecting: TokenScene.accessOnly)
    }
    XCTAssertNoThrow(
      try verifier().claims(
        of: Array(longest.utf8), at: TokenScene.time, until: .after(.seconds(1))))
    (longest, keys) = try token(padding: (SignedToken.lengthLimit - base) / 4 * 3 + 6)
    XCTAssertThrowsError(
      try verifier().claims(
        of: Array(longest.utf8), at: TokenScene.time, until: .after(.seconds(1)))
    ) { XCTAssertEqual($0 as? VerificationError, .notValid(.tooLong)) }
  }

  /// Every bit of a token counts.
  func testNoOtherTokenIsTakenForOne() throws {
    let signed = try PyJWTTokens.signed([
      TokenDraft(header: TestToken.header, claims: TestToken.claims())
    ])
    let token = Array(try XCTUnwrap(signed.tokens.first).utf8)
    let keys = try XCTUnwrap(JSONWebKeySet(Array(signed.keySet.utf8)))
    let verifier = TokenVerifier(
      try TokenScene.issuers(), keys: keys, expecting: TokenScene.accessOnly)
    XCTAssertNoThrow(
      try verifier.claims(of: token, at: TokenScene.time, until: .after(.seconds(1))))
    for place in token.indices {
      for bit in 0..<8 where (place + bit) % 3 == 0 || place > token.count - 20 {
        var changed = token
        changed[place] ^= 1 << bit
        XCTAssertThrowsError(
          try verifier.claims(of: changed, at: TokenScene.time, until: .after(.seconds(1))),
          "bit \(bit) of byte \(place)")
      }
    }
  }

  func testWithoutKeysNobodyKnows() throws {
    struct NoKeys: KeySource {
      static let failure = KeyFailure("a.example", .status(500))
      func key(
        _ id: String, of issuer: PoolIssuer, until deadline: Deadline
      ) throws(KeyFailure) -> JSONWebKey? {
        throw Self.failure
      }
    }
    let signed = try PyJWTTokens.signed([
      TokenDraft(header: TestToken.header, claims: TestToken.claims())
    ])
    let token = Array(try XCTUnwrap(signed.tokens.first).utf8)
    XCTAssertThrowsError(
      try TokenVerifier(
        try TokenScene.issuers(), keys: NoKeys(), expecting: TokenScene.accessOnly
      ).claims(of: token, at: TokenScene.time, until: .after(.seconds(1)))
    ) { XCTAssertEqual($0 as? VerificationError, .noKeys(NoKeys.failure)) }
  }
}
