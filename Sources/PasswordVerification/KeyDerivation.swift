import CLibArgon2
import CLibCrypto
import PasswordHashes

/// What derives a key of a password: Argon2 by libargon2, PBKDF2 and scrypt by libcrypto.
enum KeyDerivation {
  static func argon2(
    _ password: borrowing Password, _ hash: Argon2Hash
  ) throws(VerificationFault) -> Password {
    let type =
      switch hash.variant {
      case .d: Argon2_d
      case .i: Argon2_i
      case .id: Argon2_id
      }
    var salt = hash.salt
    return try Password(hash.digest.count, by: "libargon2") { key in
      password.withBytes { bytes in
        salt.withUnsafeMutableBufferPointer { salt in
          var context = argon2_context()
          context.out = key.baseAddress
          context.outlen = UInt32(key.count)
          // Only read, as long as no flag asks for clearing it.
          context.pwd = UnsafeMutablePointer(mutating: bytes.baseAddress)
          context.pwdlen = UInt32(bytes.count)
          context.salt = salt.baseAddress
          context.saltlen = UInt32(salt.count)
          context.t_cost = hash.passes
          context.m_cost = hash.memory
          context.lanes = hash.lanes
          // One lane after the other gives the same key, and starts no thread.
          context.threads = 1
          context.version = hash.version
          return argon2_ctx(&context, type) == ARGON2_OK.rawValue
        }
      }
    }
  }

  static func pbkdf2(
    _ password: borrowing Password, _ hash: PBKDF2Hash
  ) throws(VerificationFault) -> Password {
    try Password(hash.digest.count, by: "libcrypto") { key in
      password.withBytes { bytes in
        bytes.withMemoryRebound(to: CChar.self) { text in
          PKCS5_PBKDF2_HMAC(
            text.baseAddress, Int32(text.count), hash.salt, Int32(hash.salt.count),
            Int32(hash.iterations), hash.function.evp, Int32(key.count), key.baseAddress) == 1
        }
      }
    }
  }

  static func scrypt(
    _ password: borrowing Password, _ hash: ScryptHash
  ) throws(VerificationFault) -> Password {
    try Password(hash.digest.count, by: "libcrypto") { key in
      password.withBytes { bytes in
        bytes.withMemoryRebound(to: CChar.self) { text in
          // Its own limit is 32 MiB, which Werkzeug's hashes exceed; what memory there is was asked before.
          EVP_PBE_scrypt(
            text.baseAddress, text.count, hash.salt, hash.salt.count, 1 << UInt64(hash.logN),
            UInt64(hash.r), UInt64(hash.p), .max, key.baseAddress, key.count) == 1
        }
      }
    }
  }
}
