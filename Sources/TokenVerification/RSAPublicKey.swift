import CLibCrypto

/// The public half of an RSA key, which verifies RS256: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, section 3.3).
///
/// By the libcrypto that libpq brings along anyway, and not by `vapor/jwt-kit`: that would link a second crypto library
/// and its own parsing of tokens for this one call, while the rules around it, which are what goes wrong, are ours in
/// any case.
struct RSAPublicKey {
  /// RFC 7518, section 3.3.
  static let leastBitCount = 2048
  /// More than OpenSSL takes.
  private static let longestModulus = 16_384 / 8

  private let modulus: [UInt8]
  private let exponent: [UInt8]

  /// - Parameters:
  ///   - modulus: the most significant byte first.
  ///   - exponent: the same.
  /// - Returns: nil where they are no key's. With an exponent of 1 everything would be signed.
  init?(modulus: [UInt8], exponent: [UInt8]) {
    self.modulus = Array(modulus.drop { $0 == 0 })
    self.exponent = Array(exponent.drop { $0 == 0 })
    guard !self.modulus.isEmpty, self.modulus.count <= Self.longestModulus,
      let last = self.exponent.last, last & 1 == 1, self.exponent != [1],
      self.exponent.count <= MemoryLayout<UInt64>.size
    else { return nil }
  }

  /// Of the modulus.
  var bitCount: Int {
    modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
  }

  /// Whether `signature` is this key's over `bytes`. Where libcrypto cannot say, it is not.
  func verifies(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
    // What it says of a wrong signature is nobody's business later.
    defer { ERR_clear_error() }
    guard let key = openSSLKey() else { return false }
    defer { EVP_PKEY_free(key) }
    guard let context = EVP_MD_CTX_new() else { return false }
    defer { EVP_MD_CTX_free(context) }
    return EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1
      && EVP_DigestVerify(context, signature, signature.count, bytes, bytes.count) == 1
  }

  /// - Returns: to be freed; nil where libcrypto makes none.
  private func openSSLKey() -> OpaquePointer? {
    let n = BN_bin2bn(modulus, Int32(clamping: modulus.count), nil)
    let e = BN_bin2bn(exponent, Int32(clamping: exponent.count), nil)
    let builder = OSSL_PARAM_BLD_new()
    defer {
      OSSL_PARAM_BLD_free(builder)
      BN_free(n)
      BN_free(e)
    }
    guard n != nil, e != nil, builder != nil, clibcrypto_push_rsa(builder, n, e) == 1,
      let parameters = OSSL_PARAM_BLD_to_param(builder)
    else { return nil }
    defer { OSSL_PARAM_free(parameters) }
    guard let context = EVP_PKEY_CTX_new_from_name(nil, "RSA", nil) else { return nil }
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard EVP_PKEY_fromdata_init(context) == 1,
      EVP_PKEY_fromdata(context, &key, clibcrypto_public_key, parameters) == 1
    else {
      EVP_PKEY_free(key)
      return nil
    }
    return key
  }
}
