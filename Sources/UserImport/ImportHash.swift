import CognitoTriggers
import PasswordHashes

extension ImportPlan {
  /// - Parameters:
  ///   - verified: what the pool verifies.
  ///   - includesResets: whether users whose password cannot be brought along are imported, and must choose another.
  ///   - isPeppered: whether what bcrypt hashed is not the password alone, which no hash tells.
  public init(
    columns: ImportColumns, verified: Set<ContactAttribute>, includesResets: Bool, isPeppered: Bool
  ) {
    self.init(columns: columns, verified: verified, includesResets: includesResets) { text in
      HashVerdict(of: text, isPeppered: isPeppered)
    }
  }
}

extension HashVerdict {
  /// What can be done with a hash as other software keeps it.
  ///
  /// - Source: Amazon Cognito Developer Guide, "Importing users from a CSV file": the forms and their bounds. A hash
  ///   beyond them makes its user fail.
  init(of text: String, isPeppered: Bool) {
    let hash: StoredHash
    do throws(HashFault) {
      hash = try StoredHash(text)
    } catch {
      self = HashVerdict(error.format?.title ?? error.kind, .reset, why: "it \(error)")
      return
    }
    let conversion = ImportConversion(hash.scheme, isPeppered: isPeppered)
    let format = hash.format.title
    switch conversion {
    case .form(let algorithm, let text):
      self = HashVerdict(format, .file(algorithm), hash: text)
    case .none(let why): self = HashVerdict(format, .trigger, why: why)
    }
  }
}

/// A hash in Cognito's own form, or why it has none.
enum ImportConversion: Equatable {
  case form(ImportAlgorithm, String)
  case none(String)

  private static let cost = 12
  private static let scrypt = (logN: UInt32(16), r: UInt32(8), p: UInt32(1))
  private static let argon2 = (memory: UInt32(19_456), passes: UInt32(2), lanes: UInt32(1))
  private static let iterations = UInt32(600_000)

  init(_ scheme: HashScheme, isPeppered: Bool) {
    self =
      switch scheme {
      case .bcrypt(let hash): Self.bcrypt(hash, isPeppered: isPeppered)
      case .scrypt(let hash): Self.scrypt(hash)
      case .argon2(let hash): Self.argon2(hash)
      case .pbkdf2(let hash): Self.pbkdf2(hash)
      case _ where scheme.isWeak:
        .none("Cognito does not take it, the trigger with MIGRATE_WEAK_HASHES=on")
      case .crypt, .phpass, .digest: .none("Cognito does not take this format")
      }
  }

  private static func bcrypt(_ hash: BcryptHash, isPeppered: Bool) -> ImportConversion {
    guard hash.input == .password else { return .none("what it is of is no password, but a hash") }
    guard !isPeppered else { return .none("it is made with a pepper") }
    guard hash.cost <= cost else { return .none("its cost is more than \(cost)") }
    return .form(.bcrypt, hash.text)
  }

  private static func scrypt(_ hash: ScryptHash) -> ImportConversion {
    guard hash.logN <= scrypt.logN, hash.r <= scrypt.r, hash.p <= scrypt.p else {
      return .none("its parameters are more than 65536, 8, 1")
    }
    return .form(
      .scrypt,
      "\(UInt64(1) << UInt64(hash.logN))$\(hash.r)$\(hash.p)$\(hexadecimal(hash.salt))$"
        + hexadecimal(hash.digest))
  }

  private static func argon2(_ hash: Argon2Hash) -> ImportConversion {
    guard hash.variant == .id, hash.version == 19 else {
      return .none("it is not Argon2id of version 19")
    }
    guard hash.memory <= argon2.memory, hash.passes <= argon2.passes, hash.lanes <= argon2.lanes
    else { return .none("its parameters are more than m=19456, t=2, p=1") }
    return .form(
      .argon2id,
      "$argon2id$v=19$m=\(hash.memory),t=\(hash.passes),p=\(hash.lanes)$\(base64(hash.salt))$"
        + base64(hash.digest))
  }

  private static func pbkdf2(_ hash: PBKDF2Hash) -> ImportConversion {
    guard hash.function == .sha256, hash.digest.count == hash.function.digestLength else {
      return .none("it is not PBKDF2 of SHA-256")
    }
    guard hash.iterations <= iterations else { return .none("it has more than 600,000 iterations") }
    // The form's name is passlib's, and so is its base64.
    return .form(
      .pbkdf2SHA256,
      "$pbkdf2-sha256$\(hash.iterations)$\(base64(hash.salt, plus: "."))$"
        + base64(hash.digest, plus: "."))
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// RFC 4648, section 4, without padding.
  private static func base64(_ bytes: [UInt8], plus: Character = "+") -> String {
    let alphabet =
      Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") + [plus, "/"]
    var text = ""
    var (bits, count) = (0, 0)
    for byte in bytes {
      bits = (bits << 8 | Int(byte)) & 0xFFFF
      count += 8
      while count >= 6 {
        count -= 6
        text.append(alphabet[bits >> count & 0x3F])
      }
    }
    if count > 0 { text.append(alphabet[bits << (6 - count) & 0x3F]) }
    return text
  }
}

extension HashFault {
  fileprivate var format: HashFormat? {
    switch self {
    case .malformed(let format), .unusable(let format, _): format
    case .noPassword, .tooLong, .unknown: nil
    }
  }

  /// In place of a format.
  fileprivate var kind: String {
    if case .noPassword = self { "none" } else { "unknown" }
  }
}
