import JSON

/// A token in its parts, of which nothing is believed yet: a JSON Web Signature in compact form, as Cognito makes them.
///
/// Source: RFC 7515 (JWS), section 7.1, and RFC 7519 (JWT); Amazon Cognito Developer Guide, "Verifying JSON web
/// tokens".
struct SignedToken {
  /// In bytes. A token travels in a header of a request, of which servers take 8 to 16 KiB.
  static let lengthLimit = 16 << 10

  /// The only algorithm of Cognito's. That the token chooses it is how tokens are forged.
  static let algorithm = "RS256"

  /// Which key signed it, by its own word.
  let keyID: String
  /// Every key once.
  let claims: [JSONKey: JSONValue]
  /// One of those that were asked for.
  let issuer: PoolIssuer
  /// What the signature is over: header and claims as they came.
  let signedBytes: [UInt8]
  let signature: [UInt8]

  /// Takes a token apart as far as that can be done without a key.
  ///
  /// - Parameters:
  ///   - token: as it travels, without anything around it.
  ///   - issuers: who may have issued it.
  init(_ token: [UInt8], from issuers: PoolIssuers) throws(TokenFault) {
    guard token.count <= Self.lengthLimit else { throw .tooLong }
    let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, let last = parts.last else { throw .notThreeParts }
    keyID = try Self.keyID(in: Self.object(parts[0], .header))
    claims = try Self.object(parts[1], .claims)
    guard let name = claims["iss"]?.string else { throw .noIssuer }
    guard let issuer = issuers[name] else { throw .wrongIssuer }
    self.issuer = issuer
    guard let signature = Base64URL.decoded(last) else { throw .malformedBase64(.signature) }
    self.signature = signature
    signedBytes = Array(token[..<(last.startIndex - 1)])
  }

  private static func keyID(in header: [JSONKey: JSONValue]) throws(TokenFault) -> String {
    guard header.has("alg", algorithm) else { throw .wrongAlgorithm }
    // RFC 7515, section 4.1.11: whoever does not know what it names must refuse the token.
    guard header["crit"] == nil else { throw .criticalExtension }
    guard let keyID = header["kid"]?.string else { throw .noKeyID }
    return keyID
  }

  private static func object(
    _ part: ArraySlice<UInt8>, _ name: TokenFault.Part
  ) throws(TokenFault) -> [JSONKey: JSONValue] {
    guard let bytes = Base64URL.decoded(part) else { throw .malformedBase64(name) }
    do { return try UniqueJSON.object(bytes) } catch {
      switch error {
      case .malformed: throw .malformedJSON(name)
      case .duplicateKey: throw .duplicateKey(name)
      }
    }
  }
}
