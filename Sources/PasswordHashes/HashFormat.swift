/// How a hash is written: the text's form, by the software that is known for it.
public enum HashFormat: String, Sendable, CaseIterable {
  /// `$2a$`, `$2b$`, `$2x$`, `$2y$`: PHP's and Laravel's, Ruby's (devise), Node's, Python's `bcrypt`.
  case bcrypt
  /// `$wp$2y$…`: WordPress from 6.8 on, bcrypt of an HMAC.
  case wordPressBcrypt
  /// `$1$`: md5-crypt, of old Unix systems.
  case md5Crypt
  /// `$5$`: sha256-crypt.
  case sha256Crypt
  /// `$6$`: sha512-crypt.
  case sha512Crypt
  /// `$y$`: yescrypt, of today's Linux distributions.
  case yescrypt
  /// `$argon2id$…`, `$argon2i$…`, `$argon2d$…`: the PHC's form; PHP's, argon2-cffi's, Spring's.
  case argon2
  /// `$pbkdf2$…`, `$pbkdf2-sha1$…`, `$pbkdf2-sha256$…`, `$pbkdf2-sha512$…`: passlib's, or the PHC's form with `i=`.
  case pbkdf2
  /// `$scrypt$ln=…,r=…,p=…$…`: passlib's, in the PHC's form.
  case scrypt
  /// `pbkdf2_sha256$…`, `pbkdf2_sha1$…`.
  case djangoPBKDF2
  /// `argon2$argon2id$…`.
  case djangoArgon2
  /// `bcrypt$$2b$…`.
  case djangoBcrypt
  /// `bcrypt_sha256$$2b$…`: bcrypt of SHA-256 in hexadecimal.
  case djangoBcryptSHA256
  /// `scrypt$N$salt$r$p$…`.
  case djangoScrypt
  /// `md5$salt$hex`, `sha1$salt$hex`: Django's oldest.
  case djangoDigest
  /// `scrypt:N:r:p$salt$hex`: Flask's.
  case werkzeugScrypt
  /// `pbkdf2:sha256:iterations$salt$hex`.
  case werkzeugPBKDF2
  /// Base64 of 49 bytes, the first of which is 0: ASP.NET Identity 2.
  case aspNetIdentity2
  /// Base64 of bytes of which the first is 1: ASP.NET Core Identity.
  case aspNetIdentity3
  /// `$P$`, `$H$`: phpass, of WordPress before 6.8 and phpBB.
  case phpass
  /// `{SSHA}…`, `{SMD5}…`: LDAP's, RFC 2307.
  case ldapDigest
  /// `hex:salt`: Magento's and Joomla's oldest, which differ in whether the salt comes first.
  case saltedDigest
  /// 32 or 40 hexadecimal digits: MD5 or SHA-1 without a salt.
  case unsaltedDigest
  /// `$fbscrypt$…`, or 64 bytes of base64, as Firebase exports it.
  case firebaseScrypt

  /// As a sentence names it.
  public var title: String {
    switch self {
    case .bcrypt: "bcrypt"
    case .wordPressBcrypt: "WordPress bcrypt"
    case .md5Crypt: "md5-crypt"
    case .sha256Crypt: "sha256-crypt"
    case .sha512Crypt: "sha512-crypt"
    case .yescrypt: "yescrypt"
    case .argon2: "Argon2"
    case .pbkdf2: "PBKDF2"
    case .scrypt: "scrypt"
    case .djangoPBKDF2: "Django PBKDF2"
    case .djangoArgon2: "Django Argon2"
    case .djangoBcrypt: "Django bcrypt"
    case .djangoBcryptSHA256: "Django bcrypt of SHA-256"
    case .djangoScrypt: "Django scrypt"
    case .djangoDigest: "Django MD5 or SHA-1"
    case .werkzeugScrypt: "Werkzeug scrypt"
    case .werkzeugPBKDF2: "Werkzeug PBKDF2"
    case .aspNetIdentity2: "ASP.NET Identity 2"
    case .aspNetIdentity3: "ASP.NET Core Identity"
    case .phpass: "phpass"
    case .ldapDigest: "LDAP salted MD5 or SHA-1"
    case .saltedDigest: "salted MD5 or SHA-1"
    case .unsaltedDigest: "unsalted MD5 or SHA-1"
    case .firebaseScrypt: "Firebase scrypt"
    }
  }

  /// By how a text begins, or, where nothing is in front, by what it is made of.
  init?(_ text: ArraySlice<UInt8>) {
    for (prefix, format) in Self.prefixes where text.starts(with: prefix.utf8) {
      self = format
      return
    }
    guard let unmarked = Self.unmarked(text) else { return nil }
    self = unmarked
  }

  private static let prefixes: KeyValuePairs<String, HashFormat> = [
    "$2a$": .bcrypt, "$2b$": .bcrypt, "$2x$": .bcrypt, "$2y$": .bcrypt,
    "$wp$2y$": .wordPressBcrypt,
    "$1$": .md5Crypt, "$5$": .sha256Crypt, "$6$": .sha512Crypt, "$y$": .yescrypt,
    "$argon2id$": .argon2, "$argon2i$": .argon2, "$argon2d$": .argon2,
    "$pbkdf2$": .pbkdf2, "$pbkdf2-": .pbkdf2, "$scrypt$": .scrypt,
    "pbkdf2_": .djangoPBKDF2, "argon2$": .djangoArgon2,
    "bcrypt$$": .djangoBcrypt, "bcrypt_sha256$$": .djangoBcryptSHA256, "scrypt$": .djangoScrypt,
    "md5$": .djangoDigest, "sha1$": .djangoDigest,
    "scrypt:": .werkzeugScrypt, "pbkdf2:": .werkzeugPBKDF2,
    "$P$": .phpass, "$H$": .phpass,
    "{SSHA}": .ldapDigest, "{SMD5}": .ldapDigest,
    "$fbscrypt$": .firebaseScrypt,
  ]

  private static func unmarked(_ text: ArraySlice<UInt8>) -> HashFormat? {
    if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
      let digest = HashText.hexadecimal(text[..<colon])?.count
      return digest == 16 || digest == 20 ? .saltedDigest : nil
    }
    if let digest = HashText.hexadecimal(text)?.count, digest == 16 || digest == 20 {
      return .unsaltedDigest
    }
    guard let bytes = HashText.base64(text), let first = bytes.first else { return nil }
    switch (first, bytes.count) {
    case (0, 49): return .aspNetIdentity2
    // 64 bytes are Firebase's also where the first happens to be 1: ASP.NET's own are of 61.
    case (_, 64): return .firebaseScrypt
    case (1, 13...): return .aspNetIdentity3
    default: return nil
    }
  }
}
