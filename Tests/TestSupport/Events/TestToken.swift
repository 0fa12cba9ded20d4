import Foundation

/// A pool's tokens, as Cognito writes them, for tests to change and sign.
public enum TestToken {
  // Both with a K, of which Unicode has a second one.
  public static let pool = "eu-central-1_KaB2c3D4e"

  public static let issuer = "https://cognito-idp.eu-central-1.amazonaws.com/\(pool)"
  public static let client = "1example23456789K"

  /// A whole second, some time ago for whoever looks at the clock itself.
  public static let now = Int(Date().timeIntervalSince1970)

  public static let header = #"{"kid":"pool","alg":"RS256"}"#

  /// An access token's claims, as Cognito writes them.
  ///
  /// - Parameter changes: the JSON text of a claim; nil takes it away.
  public static func claims(_ changes: [String: String?] = [:]) -> String {
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
  public static func idClaims(_ changes: [String: String?] = [:]) -> String {
    let id: [String: String?] = [
      "token_use": #""id""#, "aud": "\"\(client)\"", "client_id": nil, "scope": nil,
      "username": nil, "cognito:username": #""ada""#, "email": #""ada@example.com""#,
    ]
    return claims(id.merging(changes) { $1 })
  }
}
