import CLibCrypto
import PasswordHashes

/// What is made of a password by hash functions, once or many times, by libcrypto.
enum Digests {
  /// Of what is before, the password, and what is after.
  static func digest(
    _ before: [UInt8], _ password: borrowing Password, _ after: [UInt8],
    by function: HashFunction
  ) throws(VerificationFault) -> Password {
    try Password(function.digestLength, by: "libcrypto") { digest in
      guard let context = EVP_MD_CTX_new() else { return false }
      // Which clears it, too.
      defer { EVP_MD_CTX_free(context) }
      return password.withBytes { bytes in
        EVP_DigestInit_ex(context, function.evp, nil) == 1
          && EVP_DigestUpdate(context, before, before.count) == 1
          && EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
          && EVP_DigestUpdate(context, after, after.count) == 1
          && EVP_DigestFinal_ex(context, digest.baseAddress, nil) == 1
      }
    }
  }

  /// MD5 of salt and password, and then over and over of what came out and the password.
  static func phpass(
    _ password: borrowing Password, _ hash: PhpassHash
  ) throws(VerificationFault) -> Password {
    try Password(HashFunction.md5.digestLength, by: "libcrypto") { digest in
      guard let context = EVP_MD_CTX_new() else { return false }
      defer { EVP_MD_CTX_free(context) }
      guard let md5 = HashFunction.md5.evp else { return false }
      return password.withBytes { bytes in
        guard EVP_DigestInit_ex(context, md5, nil) == 1,
          EVP_DigestUpdate(context, hash.salt, hash.salt.count) == 1
        else { return false }
        for _ in 0..<(1 << hash.logRounds) {
          guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1,
            EVP_DigestFinal_ex(context, digest.baseAddress, nil) == 1,
            EVP_DigestInit_ex(context, nil, nil) == 1,
            EVP_DigestUpdate(context, digest.baseAddress, digest.count) == 1
          else { return false }
        }
        return EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
          && EVP_DigestFinal_ex(context, digest.baseAddress, nil) == 1
      }
    }
  }

  /// Django's, before bcrypt: lower-case hexadecimal digits.
  static func hexadecimalSHA256(
    _ password: borrowing Password
  ) throws(VerificationFault) -> Password {
    let digits = Array("0123456789abcdef".utf8)
    let digest = try digest([], password, [], by: .sha256)
    return digest.withBytes { bytes in
      Password(capacity: bytes.count * 2) { place in
        for (offset, byte) in bytes.enumerated() {
          place[offset * 2] = digits[Int(byte >> 4)]
          place[offset * 2 + 1] = digits[Int(byte & 15)]
        }
        return bytes.count * 2
      }
    }
  }

  /// WordPress', before bcrypt: base64.
  static func wordPressHMAC(_ password: borrowing Password) throws(VerificationFault) -> Password {
    let key = Array("wp-sha384".utf8)
    let code = try Password(48, by: "libcrypto") { place in
      password.withBytes { bytes in
        HMAC(
          EVP_sha384(), key, Int32(key.count), bytes.baseAddress, bytes.count, place.baseAddress,
          nil) != nil
      }
    }
    return code.withBytes { bytes in
      // 64 characters, and a NUL that it writes behind them.
      Password(capacity: 65) { place in
        Int(EVP_EncodeBlock(place.baseAddress, bytes.baseAddress, Int32(bytes.count)))
      }
    }
  }
}

extension HashFunction {
  /// libcrypto's; it lives as long as the process.
  var evp: OpaquePointer? {
    switch self {
    case .md5: EVP_md5()
    case .sha1: EVP_sha1()
    case .sha256: EVP_sha256()
    case .sha512: EVP_sha512()
    }
  }
}
