import Clock
import CognitoAPI
import CognitoTriggers
import TestSupport
import XCTest

@testable import TokenVerification

/// A pool, its clients, and the time at which tokens are looked at.
enum TokenScene {
  // With a K, of which Unicode has a second one.
  static let pool = "eu-central-1_KaB2c3D4e"
  static let issuer = "https://cognito-idp.eu-central-1.amazonaws.com/\(pool)"
  static let client = "1example23456789"

  static func poolID() throws -> CognitoTriggers.UserPoolID {
    try XCTUnwrap(CognitoTriggers.UserPoolID(pool))
  }

  static func issuers(alsoIn regions: [String] = ["us-west-2"]) throws -> PoolIssuers {
    PoolIssuers(of: try poolID(), alsoIn: regions, service: .cognito, endpoint: .regional)
  }

  /// A whole second, some time ago for whoever looks at the clock itself.
  static let now: Int = {
    Int(Timestamp.now().microsecondsSinceEpoch / 1_000_000)
  }()

  static var time: Timestamp { Timestamp(microsecondsSinceEpoch: Int64(now) * 1_000_000) }

  static var accessOnly: TokenExpectations {
    TokenExpectations(clientIDs: ["another", client], use: .access)
  }

  static let header = #"{"kid":"pool","alg":"RS256"}"#

  /// An access token's claims, as Cognito writes them.
  ///
  /// - Parameter changes: the JSON text of a claim; nil takes it away.
  static func claims(_ changes: [String: String?] = [:]) -> String {
    var claims = [
      "sub": #""9a3337b1-51ed-4b0b-9b5c-3a7a0a0f3c11""#, "cognito:groups": #"["readers","staff"]"#,
      "iss": "\"\(issuer)\"", "client_id": "\"\(client)\"", "token_use": #""access""#,
      "scope": #""openid orders/read""#, "auth_time": "\(now - 60)", "exp": "\(now + 3600)",
      "iat": "\(now - 60)", "jti": #""77e2e1a5-0f9f-4d39-8c5c-6ad1c3a7c001""#,
      "username": #""ada""#,
    ]
    for (claim, value) in changes { claims[claim] = value }
    return "{"
      + claims.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
      .joined(separator: ",") + "}"
  }

  /// An ID token's.
  static func idClaims(_ changes: [String: String?] = [:]) -> String {
    let id: [String: String?] = [
      "token_use": #""id""#, "aud": "\"\(client)\"", "client_id": nil, "scope": nil,
      "username": nil, "cognito:username": #""ada""#, "email": #""ada@example.com""#,
    ]
    return claims(id.merging(changes) { $1 })
  }
}

/// Keys that count how often they are asked for.
final class CountedKeys: KeySource {
  private let keys: JSONWebKeySet
  private(set) var count = 0

  init(_ keys: JSONWebKeySet) {
    self.keys = keys
  }

  func key(
    _ id: String, of issuer: PoolIssuer, until deadline: Deadline
  ) throws(KeyFailure) -> JSONWebKey? {
    count += 1
    return keys[id]
  }
}
