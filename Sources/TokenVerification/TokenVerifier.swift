import Clock
import JSON

// Whether a token is a user pool's, and is what is asked for: its form (SignedToken), who may have issued it
// (PoolIssuers), the keys (JSONWebKeySet, KeySource, KeyFetcher), the signature (RSAPublicKey), the claims (TokenRule).
//
// The order is the point: nothing is fetched for a token that does not name an issuer of the pool, the URL is never the
// token's, and no claim but that name is looked at before the signature is right. aws-jwt-verify is the model. Nothing
// here knows a row, prints, or puts a part of a token into an error.

/// Verifies the tokens of one user pool.
public struct TokenVerifier {
  private let issuers: PoolIssuers
  private let keys: any KeySource
  private let expected: TokenExpectations

  /// - Parameters:
  ///   - issuers: the pool's.
  ///   - keys: where the issuers' keys are.
  ///   - expected: what a token must say to be taken.
  public init(_ issuers: PoolIssuers, keys: any KeySource, expecting expected: TokenExpectations) {
    self.issuers = issuers
    self.keys = keys
    self.expected = expected
  }

  /// - Parameters:
  ///   - token: as it travels, in compact form, without anything around it.
  ///   - now: by the wall clock.
  ///   - deadline: for the keys.
  /// - Returns: the claims, each once; their numbers as the texts that were signed.
  /// - Throws: why the token is not valid, or why nobody can say.
  public func claims(
    of token: [UInt8], at now: Timestamp, until deadline: Deadline
  ) throws(VerificationError) -> [JSONKey: JSONValue] {
    let signed: SignedToken
    do { signed = try SignedToken(token, from: issuers) } catch { throw .notValid(error) }
    let key: JSONWebKey?
    do { key = try keys.key(signed.keyID, of: signed.issuer, until: deadline) } catch {
      throw .noKeys(error)
    }
    do {
      try check(signed, key)
      try TokenRule.check(signed.claims, expected, at: now)
    } catch {
      throw .notValid(error)
    }
    return signed.claims
  }

  private func check(_ token: SignedToken, _ key: JSONWebKey?) throws(TokenFault) {
    guard let key else { throw .unknownKey }
    let publicKey: RSAPublicKey
    do { publicKey = try key.publicKey() } catch { throw .unusableKey(error) }
    guard publicKey.verifies(token.signature, of: token.signedBytes) else { throw .wrongSignature }
  }
}

/// Why there are no claims to believe.
public enum VerificationError: Error, Sendable, Equatable {
  case notValid(TokenFault)
  /// Whether the token is valid is not known.
  case noKeys(KeyFailure)
}
