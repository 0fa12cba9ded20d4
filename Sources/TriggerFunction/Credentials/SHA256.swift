import CLibCrypto

/// SHA-256 and HMAC-SHA-256 of OpenSSL, which libpq brings along.
enum SHA256 {
  private static let length = Int(SHA256_DIGEST_LENGTH)

  /// - Returns: 32 bytes.
  static func hash(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: length) { digest, count in
      _ = CLibCrypto.SHA256(bytes, bytes.count, digest.baseAddress)
      count = length
    }
  }

  /// RFC 2104, with SHA-256. - Returns: 32 bytes.
  static func authenticationCode(for bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: length) { digest, count in
      var written: UInt32 = 0
      _ = HMAC(
        EVP_sha256(), key, Int32(clamping: key.count), bytes, bytes.count, digest.baseAddress,
        &written)
      count = Int(written)
    }
  }
}
