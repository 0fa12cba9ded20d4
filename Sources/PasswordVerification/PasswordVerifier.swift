import CLibCrypto
import PasswordHashes

// Whether a password is the one of a hash, computed in this process by Debian's libxcrypt, libcrypto and libargon2.
//
// No comparison ends at the first byte that differs, nothing waits, no thread is started, and no error holds anything of
// password or hash. What a computation may cost is decided before, by `HashCost`.

/// Verifies passwords.
public struct PasswordVerifier: Sendable {
  private let pepper: [UInt8]

  /// - Parameter pepper: what devise puts after a password before bcrypt hashes it: `config.pepper`. It is for hashes of
  ///   bcrypt alone, not for those that hash the password before.
  public init(pepper: String? = nil) {
    self.pepper = Array((pepper ?? "").utf8)
  }

  /// - Parameters:
  ///   - password: in UTF-8.
  ///   - scheme: what was kept of the right one.
  /// - Returns: whether it is the right one. None with a NUL is: a text of C's would end there, and to HMAC it is as if
  ///   it were not there. Nor is one of more than 511 bytes where `crypt` is asked; to bcrypt the first 72 count, as in
  ///   the software that made the hash.
  /// - Throws: where it cannot be computed.
  public func isRight(
    _ password: borrowing Password, for scheme: HashScheme
  ) throws(VerificationFault) -> Bool {
    guard password.withBytes({ !$0.contains(0) }) else { return false }
    return switch scheme {
    case .bcrypt(let hash): try isRight(password, hash)
    case .crypt(let hash): try Crypt.isRight(password, hash.text)
    case .argon2(let hash): isSame(hash.digest, try KeyDerivation.argon2(password, hash))
    case .pbkdf2(let hash): isSame(hash.digest, try KeyDerivation.pbkdf2(password, hash))
    case .scrypt(let hash): isSame(hash.digest, try KeyDerivation.scrypt(password, hash))
    case .phpass(let hash): isSame(hash.digest, try Digests.phpass(password, hash))
    case .digest(let hash): try isRight(password, hash)
    }
  }

  private func isRight(
    _ password: borrowing Password, _ hash: BcryptHash
  ) throws(VerificationFault) -> Bool {
    switch hash.input {
    case .password: try Crypt.isRight(bcryptInput(password), hash.text)
    case .sha256Hexadecimal:
      try Crypt.isRight(Digests.hexadecimalSHA256(password), hash.text)
    case .wordPressHMAC: try Crypt.isRight(Digests.wordPressHMAC(password), hash.text)
    }
  }

  /// The password and the pepper, 72 bytes of them.
  private func bcryptInput(_ password: borrowing Password) -> Password {
    password.withBytes { bytes in
      Password(capacity: 72) { place in
        // One after the other: joined before, there would be a copy that nobody clears.
        let typed = bytes.prefix(72)
        let more = pepper.prefix(72 - typed.count)
        for (offset, byte) in typed.enumerated() { place[offset] = byte }
        for (offset, byte) in more.enumerated() { place[typed.count + offset] = byte }
        return typed.count + more.count
      }
    }
  }

  /// Where the text does not tell whether the salt comes first, both are computed, whichever fits.
  private func isRight(
    _ password: borrowing Password, _ hash: DigestHash
  ) throws(VerificationFault) -> Bool {
    let isFirst =
      hash.order == .saltLast
      ? false
      : isSame(hash.digest, try Digests.digest(hash.salt, password, [], by: hash.function))
    let isLast =
      hash.order == .saltFirst
      ? false
      : isSame(hash.digest, try Digests.digest([], password, hash.salt, by: hash.function))
    return isFirst || isLast
  }
}

/// Why a password could not be compared with a hash.
public enum VerificationFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// This library refuses, most often for want of memory.
  case failed(String)

  public var description: String {
    switch self {
    case .failed(let library): "\(library) could not compute it: the function may need more memory"
    }
  }
}

/// In a time that depends on the length alone.
func isSame(_ kept: [UInt8], _ computed: borrowing Password) -> Bool {
  guard !kept.isEmpty, kept.count == computed.count else { return false }
  return computed.withBytes { CRYPTO_memcmp(kept, $0.baseAddress, kept.count) == 0 }
}

extension Password {
  /// - Parameter write: fills all of a place of `count` bytes; false where it cannot.
  init(
    _ count: Int, by library: String, _ write: (UnsafeMutableBufferPointer<UInt8>) -> Bool
  ) throws(VerificationFault) {
    self.init(capacity: count) { write($0) ? count : 0 }
    guard self.count == count else { throw .failed(library) }
  }
}
