/// What was computed of a password, with what it takes to compute it again.
public enum HashScheme: Sendable, Equatable {
  case bcrypt(BcryptHash)
  case crypt(CryptHash)
  case argon2(Argon2Hash)
  case pbkdf2(PBKDF2Hash)
  case scrypt(ScryptHash)
  case phpass(PhpassHash)
  case digest(DigestHash)
}

/// The hash functions that others are built on.
public enum HashFunction: String, Sendable, CaseIterable {
  case md5, sha1, sha256, sha512

  /// Of its digest, in bytes.
  public var digestLength: Int {
    switch self {
    case .md5: 16
    case .sha1: 20
    case .sha256: 32
    case .sha512: 64
    }
  }
}

/// bcrypt: Provos and Mazières, "A Future-Adaptable Password Scheme".
public struct BcryptHash: Sendable, Equatable {
  /// What of the password is hashed.
  public enum Input: Sendable, Equatable {
    /// The password itself.
    case password
    /// Django's `bcrypt_sha256`: its SHA-256 in lower-case hexadecimal.
    case sha256Hexadecimal
    /// WordPress': base64 of its HMAC-SHA-384 with the key `wp-sha384`.
    case wordPressHMAC
  }

  /// `$2b$12$…`, 60 characters; the bits that belong to neither salt nor digest are 0, as some old software left them.
  public let text: String
  /// 4 to 31; one more is twice the work.
  public let cost: Int
  public let input: Input
}

/// What only `crypt` of the C library computes.
public struct CryptHash: Sendable, Equatable {
  /// Of `$1$`, `$5$`, `$6$`, `$y$`.
  public enum Method: Sendable, Equatable {
    /// 1,000 rounds of MD5.
    case md5
    case sha256(rounds: UInt32)
    case sha512(rounds: UInt32)
    /// - Parameters:
    ///   - logN: the binary logarithm of the number of blocks.
    ///   - r: a block is 128 times this in bytes.
    case yescrypt(logN: UInt32, r: UInt32)
  }

  /// As it is kept.
  public let text: String
  public let method: Method
}

/// Argon2: RFC 9106.
public struct Argon2Hash: Sendable, Equatable {
  public enum Variant: String, Sendable, CaseIterable {
    case d = "argon2d"
    case i = "argon2i"
    case id = "argon2id"
  }

  public let variant: Variant
  /// 19, or 16 of before 2016.
  public let version: UInt32
  /// In KiB; at least 8 a lane.
  public let memory: UInt32
  public let passes: UInt32
  /// 1 to 2^24 − 1.
  public let lanes: UInt32
  /// At least 8 bytes.
  public let salt: [UInt8]
  /// At least 16 bytes.
  public let digest: [UInt8]
}

/// PBKDF2: RFC 8018.
public struct PBKDF2Hash: Sendable, Equatable {
  /// The HMAC's.
  public let function: HashFunction
  /// 1 to 2^31 − 1.
  public let iterations: UInt32
  public let salt: [UInt8]
  /// At least 16 bytes.
  public let digest: [UInt8]
}

/// scrypt: RFC 7914.
public struct ScryptHash: Sendable, Equatable {
  /// Binary logarithm of N: 1 to 31.
  public let logN: UInt32
  /// `r * p` is less than 2^30.
  public let r: UInt32
  public let p: UInt32
  public let salt: [UInt8]
  /// At least 16 bytes.
  public let digest: [UInt8]
}

/// phpass' portable hashes: MD5 over and over.
public struct PhpassHash: Sendable, Equatable {
  /// Binary logarithm of the number of rounds: 7 to 30.
  public let logRounds: UInt32
  /// 8 bytes.
  public let salt: [UInt8]
  /// 16 bytes.
  public let digest: [UInt8]
}

/// MD5 or SHA-1 of salt and password, once: guessed by the billion a second.
public struct DigestHash: Sendable, Equatable {
  public enum Order: Sendable, Equatable {
    case saltFirst, saltLast
    /// The text does not tell.
    case either
  }

  /// ``HashFunction/md5`` or ``HashFunction/sha1``.
  public let function: HashFunction
  public let order: Order
  public let salt: [UInt8]
  public let digest: [UInt8]
}

extension HashScheme {
  /// Whether whoever has the hash soon has the password: MD5 and SHA-1 with little or nothing to slow them down.
  public var isWeak: Bool {
    switch self {
    case .digest: true
    case .crypt(let hash): hash.method == .md5
    case .bcrypt, .argon2, .pbkdf2, .scrypt, .phpass: false
    }
  }
}
