import Clock
import Foundation
import TestSupport
import XCTest

@testable import TokenVerification

/// Tokens that must not be taken, each for a reason of its own, and PyJWT's word on them.
final class ForgedTokenTests: XCTestCase {
  private struct Forgery {
    var name: String
    var fault: TokenFault
    var draft: TokenDraft
    /// What is done to the signed token.
    var change: (String) -> String = { $0 }
    var expected = TokenScene.accessOnly
    /// Why PyJWT takes it all the same; nil where it refuses it.
    var pyJWTTakesIt: String?

    init(
      _ name: String, _ fault: TokenFault, header: String = TestToken.header,
      claims: String = TestToken.claims(), by signer: TokenDraft.Signer = .pool,
      expecting expected: TokenExpectations = TokenScene.accessOnly, pyJWTTakesIt: String? = nil,
      change: @escaping (String) -> String = { $0 }
    ) {
      self.name = name
      self.fault = fault
      draft = TokenDraft(header: header, claims: claims, signer: signer)
      self.expected = expected
      self.pyJWTTakesIt = pyJWTTakesIt
      self.change = change
    }
  }

  private static let lenient = "Python's base64 takes it"
  private static let lastCounts = "Python takes the last of two keys"
  private static let notItsBusiness = "the claim is Cognito's, not JWT's"

  private static func forgeries() -> [Forgery] {
    form() + signers() + issuers() + times() + purposes()
  }

  private static func form() -> [Forgery] {
    let long = TestToken.claims(["x": "\"\(String(repeating: "x", count: 100_000))\""])
    return [
      Forgery("100 KB", .tooLong, claims: long, pyJWTTakesIt: "it has no limit"),
      Forgery("empty", .notThreeParts) { _ in "" },
      Forgery("without its signature", .notThreeParts) {
        $0.split(separator: ".").dropLast().joined(separator: ".")
      },
      Forgery("cut off in the claims", .notThreeParts) { String($0.prefix(200)) },
      Forgery("two dots too many", .notThreeParts) { $0 + ".." },
      Forgery("four parts", .notThreeParts) { $0 + ".e30" },
      Forgery("cut off in the signature", .wrongSignature) { String($0.dropLast(6)) },
      Forgery("one character short", .malformedBase64(.signature)) { String($0.dropLast(1)) },
      Forgery("padded", .malformedBase64(.signature), pyJWTTakesIt: lenient) { $0 + "==" },
      Forgery("with a line end", .malformedBase64(.signature)) {
        $0 + "\n"
      },
      Forgery("with a blank before it", .malformedBase64(.header)) { " " + $0 },
      Forgery("broken in the signature", .malformedBase64(.signature)) {
        "\($0.dropLast(100))\r\n\($0.suffix(100))"
      },
      Forgery("stray bits", .malformedBase64(.signature)) {
        // 256 bytes: the last character has four bits that no byte takes.
        let next = ["A": "B", "Q": "R", "g": "h", "w": "x"]
        return $0.dropLast() + (next[String($0.suffix(1))] ?? "=")
      },
      Forgery("a header that is no JSON", .malformedJSON(.header), header: #"{"alg":"RS256""#),
      Forgery("a header that is an array", .malformedJSON(.header), header: #"["RS256"]"#),
      Forgery("claims that are no JSON", .malformedJSON(.claims), claims: "ada"),
      Forgery("claims that are a string", .malformedJSON(.claims), claims: #""ada""#),
      Forgery(
        "alg twice", .duplicateKey(.header), header: #"{"kid":"pool","alg":"none","alg":"RS256"}"#,
        pyJWTTakesIt: lastCounts),
      Forgery(
        "kid twice, once escaped", .duplicateKey(.header),
        header: #"{"k\u0069d":"weak","alg":"RS256","kid":"pool"}"#, pyJWTTakesIt: lastCounts),
      Forgery(
        "iss twice", .duplicateKey(.claims),
        claims: #"{"iss":"https://evil.example","# + TestToken.claims().dropFirst(),
        pyJWTTakesIt: lastCounts),
      Forgery(
        "a key twice within a claim", .duplicateKey(.claims),
        claims: TestToken.claims(["app": #"[{"role":"user","role":"admin"}]"#]),
        pyJWTTakesIt: lastCounts),
    ]
  }

  private static func signers() -> [Forgery] {
    func header(_ alg: String, _ more: String = "") -> String {
      #"{"kid":"pool","alg":\#(alg)\#(more)}"#
    }
    let attackers =
      #","jku":"https://evil.example/jwks.json","jwk":{"kty":"RSA","n":"AQAB","e":"AQAB"}"#
    return [
      Forgery("alg none", .wrongAlgorithm, header: header(#""none""#), by: .nobody),
      Forgery("alg nOnE", .wrongAlgorithm, header: header(#""nOnE""#), by: .nobody),
      Forgery(
        "HS256 with the public key", .wrongAlgorithm, header: header(#""HS256""#),
        by: .publicKeyAsSecret),
      Forgery(
        "HS256 with the public key, said to be RS256", .wrongSignature, by: .publicKeyAsSecret),
      Forgery("RS512", .wrongAlgorithm, header: header(#""RS512""#), by: .rs512),
      Forgery("RS512, said to be RS256", .wrongSignature, by: .rs512),
      Forgery(
        "ES256", .wrongAlgorithm, header: #"{"kid":"elliptic","alg":"ES256"}"#, by: .elliptic),
      Forgery("alg in small letters", .wrongAlgorithm, header: header(#""rs256""#)),
      Forgery("alg as an array", .wrongAlgorithm, header: header(#"["RS256"]"#)),
      Forgery("no alg", .wrongAlgorithm, header: #"{"kid":"pool"}"#),
      Forgery(
        "an extension", .criticalExtension, header: header(#""RS256""#, #","crit":["exp"]"#)),
      Forgery("no kid", .noKeyID, header: #"{"alg":"RS256"}"#),
      Forgery("a number as kid", .noKeyID, header: #"{"kid":1,"alg":"RS256"}"#),
      Forgery("an unknown kid", .unknownKey, header: #"{"kid":"../pool","alg":"RS256"}"#),
      Forgery(
        "a weak key", .unusableKey(.tooShort(bits: 1024)),
        header: #"{"kid":"weak","alg":"RS256"}"#, by: .weak,
        pyJWTTakesIt: "it warns of short keys"),
      Forgery(
        "a key of another kind", .unusableKey(.notRSA),
        header: #"{"kid":"elliptic","alg":"RS256"}"#),
      Forgery(
        "a key for encryption", .unusableKey(.notForSignatures),
        header: #"{"kid":"encryption","alg":"RS256"}"#, pyJWTTakesIt: "it does not look at use"),
      Forgery(
        "a key for another algorithm", .unusableKey(.forAnotherAlgorithm),
        header: #"{"kid":"rs512","alg":"RS256"}"#),
      Forgery(
        "a key that cannot be read", .unusableKey(.malformed),
        header: #"{"kid":"unreadable","alg":"RS256"}"#),
      Forgery("another pool's key", .wrongSignature, by: .stranger),
      Forgery(
        "a key that it brings along", .wrongSignature, header: header(#""RS256""#, attackers),
        by: .stranger),
      Forgery("claims of another token", .wrongSignature) { token in
        let parts = token.split(separator: ".")
        let claims = Data(TestToken.claims(["username": #""admin""#]).utf8).base64EncodedString()
        let encoded = claims.filter { $0 != "=" }.replacing("+", with: "-").replacing(
          "/", with: "_")
        return "\(parts[0]).\(encoded).\(parts[2])"
      },
    ]
  }

  private static func issuers() -> [Forgery] {
    let pool = TestToken.pool
    let host = "cognito-idp.eu-central-1.amazonaws.com"
    let issuers = [
      "another pool": "https://\(host)/eu-central-1_aaaaaaaaa",
      "a region that nobody named": "https://cognito-idp.us-east-1.amazonaws.com/\(pool)",
      "a host that goes on": "https://\(host).evil.example/\(pool)",
      "a host behind an at sign": "https://\(host)@evil.example/\(pool)",
      "a host before it": "https://evil.example/\(host)/\(pool)",
      "a hyphen for a dot": "https://cognito-idp-eu-central-1.amazonaws.com/\(pool)",
      "another partition's suffix": "https://\(host).cn/\(pool)",
      "the third form that there is not": "https://issuer.\(host)/\(pool)",
      "a path that goes up": "https://\(host)/eu-central-1_aaaaaaaaa/../\(pool)",
      "a pool's id that goes on": "https://\(host)/\(pool)x",
      "a slash at the end": "https://\(host)/\(pool)/",
      "a query": "https://\(host)/\(pool)?",
      "a port": "https://\(host):443/\(pool)",
      "capitals in the host": "https://COGNITO-IDP.eu-central-1.amazonaws.com/\(pool)",
      "no TLS": "http://\(host)/\(pool)",
      "a Kelvin sign for the K": "https://\(host)/\(pool.replacing("K", with: "\u{212A}"))",
      "a blank": " https://\(host)/\(pool)",
    ]
    return issuers.sorted { $0.key < $1.key }.map { name, issuer in
      Forgery(
        "issuer: \(name)", .wrongIssuer, claims: TestToken.claims(["iss": "\"\(issuer)\""]))
    } + [
      Forgery("issuer: none", .noIssuer, claims: TestToken.claims(["iss": nil])),
      Forgery(
        "issuer: an array", .noIssuer,
        claims: TestToken.claims(["iss": "[\"\(TestToken.issuer)\"]"])),
    ]
  }

  private static func times() -> [Forgery] {
    let now = TestToken.now
    func claims(_ claim: String, _ value: String?) -> String {
      TestToken.claims([claim: value])
    }
    return [
      Forgery("expired", .expired(by: .seconds(60)), claims: claims("exp", "\(now - 60)")),
      Forgery("expired just now", .expired(by: .zero), claims: claims("exp", "\(now)")),
      Forgery("without an end", .noExpiry, claims: claims("exp", nil)),
      Forgery(
        "an end that is a string", .malformedTime("exp"),
        claims: claims("exp", "\"\(now + 3600)\""),
        pyJWTTakesIt: "int() reads it"),
      Forgery("an end that is null", .malformedTime("exp"), claims: claims("exp", "null")),
      Forgery(
        "an end that no clock reaches", .malformedTime("exp"), claims: claims("exp", "1e400")),
      Forgery(
        "not valid yet", .notYetValid(ahead: .seconds(3600)), claims: claims("nbf", "\(now + 3600)")
      ),
      Forgery("a beginning that is no number", .malformedTime("nbf"), claims: claims("nbf", "[]")),
      Forgery(
        "issued tomorrow", .issuedInTheFuture(ahead: .seconds(86_400)),
        claims: claims("iat", "\(now + 86_400)")),
    ]
  }

  private static func purposes() -> [Forgery] {
    var idOnly = TokenScene.accessOnly
    idOnly.use = .id
    var admins = TokenScene.accessOnly
    admins.groups = ["admins", "Kings"]
    var writers = TokenScene.accessOnly
    writers.scopes = ["orders/write", "orders"]
    let other = #""another-client""#
    return [
      Forgery(
        "an ID token", .wrongUse(.id), claims: TestToken.idClaims(), pyJWTTakesIt: notItsBusiness),
      Forgery(
        "an access token where an ID token belongs", .wrongUse(.access), expecting: idOnly,
        pyJWTTakesIt: notItsBusiness),
      Forgery(
        "no use", .unknownUse, claims: TestToken.claims(["token_use": nil]),
        pyJWTTakesIt: notItsBusiness),
      Forgery(
        "a use that there is not", .unknownUse,
        claims: TestToken.claims(["token_use": #""ACCESS""#]),
        pyJWTTakesIt: notItsBusiness),
      Forgery(
        "another client", .wrongClient(.access), claims: TestToken.claims(["client_id": other]),
        pyJWTTakesIt: notItsBusiness),
      Forgery(
        "a client that looks like it", .wrongClient(.access),
        claims: TestToken.claims([
          "client_id": "\"\(TestToken.client.replacing("K", with: "\u{212A}"))\""
        ]), pyJWTTakesIt: notItsBusiness),
      Forgery(
        "another client's access token with our aud", .wrongClient(.access),
        claims: TestToken.claims(["client_id": other, "aud": "\"\(TestToken.client)\""]),
        pyJWTTakesIt: notItsBusiness),
      Forgery(
        "another client's ID token", .wrongClient(.id), claims: TestToken.idClaims(["aud": other]),
        expecting: idOnly),
      Forgery(
        "an ID token for several", .wrongClient(.id),
        claims: TestToken.idClaims(["aud": "[\(other),\"\(TestToken.client)\"]"]),
        expecting: idOnly, pyJWTTakesIt: "JWT allows several; Cognito names one"),
      Forgery(
        "no group that is asked for", .wrongGroup, expecting: admins, pyJWTTakesIt: notItsBusiness),
      Forgery(
        "groups in one string", .wrongGroup,
        claims: TestToken.claims(["cognito:groups": #""admins""#]), expecting: admins,
        pyJWTTakesIt: notItsBusiness),
      Forgery(
        "a group that looks like it", .wrongGroup,
        claims: TestToken.claims(["cognito:groups": "[\"\u{212A}ings\",\"Admins\"]"]),
        expecting: admins, pyJWTTakesIt: notItsBusiness),
      Forgery(
        "no scope that is asked for", .wrongScope, expecting: writers, pyJWTTakesIt: notItsBusiness),
      Forgery(
        "no scopes", .wrongScope, claims: TestToken.claims(["scope": nil]),
        expecting: writers, pyJWTTakesIt: notItsBusiness),
    ]
  }

  func testEachIsRefusedForItsReason() throws {
    let forgeries = Self.forgeries()
    let signed = try PyJWTTokens.signed(forgeries.map(\.draft))
    let keySet = try XCTUnwrap(JSONWebKeySet(Array(signed.keySet.utf8)))
    let issuers = try TokenScene.issuers()
    let tokens = zip(forgeries, signed.tokens).map { $0.change($1) }
    XCTAssertEqual(tokens.count, forgeries.count)
    XCTAssertEqual(Set(forgeries.map(\.name)).count, forgeries.count)

    for (forgery, token) in zip(forgeries, tokens) {
      let keys = CountedKeys(keySet)
      let verifier = TokenVerifier(issuers, keys: keys, expecting: forgery.expected)
      XCTAssertThrowsError(
        try verifier.claims(of: Array(token.utf8), at: TokenScene.time, until: .after(.seconds(1))),
        forgery.name
      ) { error in
        XCTAssertEqual(
          error as? VerificationError, .notValid(forgery.fault), "\(forgery.name): \(error)")
      }
      XCTAssertEqual(keys.count, Self.isBeforeKeys(forgery.fault) ? 0 : 1, forgery.name)
    }

    let verdicts = try PyJWTTokens.verdicts(
      on: tokens, keySet: signed.keySet, issuers: issuers.all.map(\.name.text),
      clientIDs: [TestToken.client])
    for (forgery, verdict) in zip(forgeries, verdicts) {
      XCTAssertEqual(
        verdict == nil, forgery.pyJWTTakesIt != nil,
        "\(forgery.name): PyJWT says \(verdict ?? "that it is valid")")
    }
  }

  /// Whether a token is refused before anybody is asked for keys.
  private static func isBeforeKeys(_ fault: TokenFault) -> Bool {
    switch fault {
    case .tooLong, .notThreeParts, .malformedBase64, .malformedJSON, .duplicateKey, .wrongAlgorithm,
      .criticalExtension, .noKeyID, .noIssuer, .wrongIssuer:
      true
    default: false
    }
  }

  func testNoReasonQuotesTheToken() {
    let faults = Self.forgeries().map(\.fault)
    for fault in faults {
      XCTAssertFalse(fault.description.contains("evil"), fault.description)
      XCTAssertFalse(fault.description.hasSuffix("."), fault.description)
      XCTAssertNotNil(fault.code.wholeMatch(of: /[a-z][A-Za-z0-9]+/), fault.code)
    }
  }
}
