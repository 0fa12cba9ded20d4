import CLibCrypt
import Glibc

/// `crypt` of libxcrypt: bcrypt, `$1$`, `$5$`, `$6$`, `$y$`.
enum Crypt {
  /// The longest text that it takes, in bytes: one less than CRYPT_MAX_PASSPHRASE_SIZE.
  private static let longest = 511

  /// - Parameters:
  ///   - password: without a NUL.
  ///   - kept: a whole hash; what is in front of the digest tells how to hash.
  static func isRight(
    _ password: borrowing Password, _ kept: String
  ) throws(VerificationFault) -> Bool {
    // No quicker than any other wrong one, or the time would tell that there is a hash of this kind.
    let tried = password.withBytes { Password($0.prefix(longest)) }
    // It holds libcrypt's copies of the password.
    let size = Int(clibcrypt_data_size)
    let work = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    work.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    defer {
      explicit_bzero(work, size)
      work.deallocate()
    }
    let text = tried.withBytes { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        crypt_rn($0.baseAddress, kept, work, Int32(size))
      }
    }
    // "*0" and the like stand for a failure.
    guard let text, UInt8(bitPattern: text.pointee) != UInt8(ascii: "*") else {
      throw .failed("libcrypt")
    }
    let computed = UnsafeBufferPointer(start: text, count: strlen(text))
    let isTried = computed.withMemoryRebound(to: UInt8.self) {
      isSame(Array(kept.utf8), Password($0))
    }
    return isTried && password.count == tried.count
  }
}
