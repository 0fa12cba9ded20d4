extension HashFormat {
  /// - Parameter text: begins as one of this format; ASCII, without control characters.
  /// - Returns: nil where it is not whole, or outside of what the format allows.
  /// - Throws: where it is well known, and of no use.
  func scheme(of text: ArraySlice<UInt8>) throws(HashFault) -> HashScheme? {
    switch self {
    case .bcrypt: BcryptHash(text, of: .password).map(HashScheme.bcrypt)
    case .wordPressBcrypt:
      BcryptHash(text.dropFirst("$wp".utf8.count), of: .wordPressHMAC).map(HashScheme.bcrypt)
    case .djangoBcrypt:
      BcryptHash(text.dropFirst("bcrypt$".utf8.count), of: .password).map(HashScheme.bcrypt)
    case .djangoBcryptSHA256:
      BcryptHash(text.dropFirst("bcrypt_sha256$".utf8.count), of: .sha256Hexadecimal)
        .map(HashScheme.bcrypt)
    case .md5Crypt, .sha256Crypt, .sha512Crypt, .yescrypt:
      CryptHash(text, self).map(HashScheme.crypt)
    case .argon2: Argon2Hash(phc: text).map(HashScheme.argon2)
    case .djangoArgon2:
      Argon2Hash(phc: text.dropFirst("argon2".utf8.count)).map(HashScheme.argon2)
    case .pbkdf2: PBKDF2Hash(phc: text).map(HashScheme.pbkdf2)
    case .djangoPBKDF2: PBKDF2Hash(django: text).map(HashScheme.pbkdf2)
    case .werkzeugPBKDF2: PBKDF2Hash(werkzeug: text).map(HashScheme.pbkdf2)
    case .aspNetIdentity2: PBKDF2Hash(identity2: text).map(HashScheme.pbkdf2)
    case .aspNetIdentity3: PBKDF2Hash(identity3: text).map(HashScheme.pbkdf2)
    case .scrypt: ScryptHash(phc: text).map(HashScheme.scrypt)
    case .djangoScrypt: ScryptHash(django: text).map(HashScheme.scrypt)
    case .werkzeugScrypt: ScryptHash(werkzeug: text).map(HashScheme.scrypt)
    case .phpass: PhpassHash(text).map(HashScheme.phpass)
    case .djangoDigest: DigestHash(django: text).map(HashScheme.digest)
    case .ldapDigest: DigestHash(ldap: text).map(HashScheme.digest)
    case .saltedDigest: DigestHash(salted: text).map(HashScheme.digest)
    case .unsaltedDigest:
      throw .unusable(self, "whoever has the table has the passwords")
    case .firebaseScrypt:
      throw .unusable(self, "it takes the project's own key, and is no plain scrypt")
    }
  }
}
