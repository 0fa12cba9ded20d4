// The texts of Argon2, PBKDF2 and scrypt: the PHC's form, passlib's, Django's, Werkzeug's and ASP.NET Identity's.

/// Of what length a digest is taken: less could be hit by chance, more no software makes.
private let digestLengths = 16...128

/// A positive number of 31 bits, which is what libcrypto takes for a count.
private let counts: ClosedRange<UInt32> = 1...UInt32(Int32.max)

extension Argon2Hash {
  /// - Parameter text: `$argon2id$v=19$m=65536,t=3,p=4$salt$digest`; without `v=` it is of version 16. A key or other
  ///   data that was hashed along is not there to hash again.
  init?(phc text: ArraySlice<UInt8>) {
    var fields = HashText.fields(text).dropFirst()
    guard let variant = fields.popFirst().flatMap({ Variant(rawValue: HashText.string($0)) })
    else { return nil }
    var version: UInt32 = 16
    if fields.count == 4 {
      guard let value = fields.popFirst().flatMap({ HashText.parameters($0, "v")?.first }),
        let number = HashText.number(value, in: 16...19), number == 16 || number == 19
      else { return nil }
      version = number
    }
    guard fields.count == 3, let settings = fields.popFirst(),
      let salt = fields.popFirst().flatMap(HashText.base64), salt.count >= 8,
      let digest = fields.popFirst().flatMap(HashText.base64), digestLengths.contains(digest.count),
      let values = HashText.parameters(settings, "m", "t", "p"),
      let lanes = HashText.number(values[2], in: 1...0xFF_FFFF),
      let memory = HashText.number(values[0], in: 8 * lanes...UInt32.max),
      let passes = HashText.number(values[1], in: 1...UInt32.max)
    else { return nil }
    self.init(
      variant: variant, version: version, memory: memory, passes: passes, lanes: lanes, salt: salt,
      digest: digest)
  }
}

extension PBKDF2Hash {
  private init?(
    _ function: HashFunction?, _ iterations: ArraySlice<UInt8>, salt: [UInt8]?, digest: [UInt8]?
  ) {
    guard let function, function != .md5, let iterations = HashText.number(iterations, in: counts),
      let salt, let digest, digestLengths.contains(digest.count)
    else { return nil }
    self.init(function: function, iterations: iterations, salt: salt, digest: digest)
  }

  /// - Parameter text: `$pbkdf2-sha256$29000$salt$digest`, or `$i=29000$` or `$i=29000,l=32$` in the middle.
  init?(phc text: ArraySlice<UInt8>) {
    let fields = HashText.fields(text)
    guard fields.count == 5 else { return nil }
    let function =
      fields[1].elementsEqual("pbkdf2".utf8)
      ? .sha1 : HashFunction(rawValue: HashText.string(fields[1].dropFirst("pbkdf2-".utf8.count)))
    let digest = HashText.base64(fields[4])
    var iterations = fields[2]
    if let values = HashText.parameters(iterations, "i") {
      iterations = values[0]
    } else if let values = HashText.parameters(iterations, "i", "l") {
      guard let digest, HashText.number(values[1], in: counts) == UInt32(digest.count) else {
        return nil
      }
      iterations = values[0]
    }
    self.init(function, iterations, salt: HashText.base64(fields[3]), digest: digest)
  }

  /// - Parameter text: `pbkdf2_sha256$600000$salt$digest`, the salt as it is.
  init?(django text: ArraySlice<UInt8>) {
    let fields = HashText.fields(text)
    guard fields.count == 4, !fields[2].isEmpty else { return nil }
    self.init(
      HashFunction(rawValue: HashText.string(fields[0].dropFirst("pbkdf2_".utf8.count))), fields[1],
      salt: Array(fields[2]), digest: HashText.base64(fields[3]))
  }

  /// - Parameter text: `pbkdf2:sha256:600000$salt$digest`, the salt as it is, the digest in hexadecimal.
  init?(werkzeug text: ArraySlice<UInt8>) {
    let fields = HashText.fields(text)
    guard fields.count == 3, !fields[1].isEmpty else { return nil }
    let method = HashText.fields(fields[0], by: ":")
    guard method.count == 3 else { return nil }
    self.init(
      HashFunction(rawValue: HashText.string(method[1])), method[2], salt: Array(fields[1]),
      digest: HashText.hexadecimal(fields[2]))
  }

  /// - Parameter text: base64 of a 0, 16 bytes of salt and 32 of PBKDF2 with SHA-1 and 1,000 iterations.
  init?(identity2 text: ArraySlice<UInt8>) {
    guard let bytes = HashText.base64(text), bytes.count == 49 else { return nil }
    self.init(
      function: .sha1, iterations: 1000, salt: Array(bytes[1..<17]), digest: Array(bytes[17...]))
  }

  /// Source: `PasswordHasher.cs` of ASP.NET Core, version 3.
  ///
  /// - Parameter text: base64 of a 1, three numbers of 32 bits (function, iterations, length of the salt), the salt
  ///   and the digest.
  init?(identity3 text: ArraySlice<UInt8>) {
    guard let bytes = HashText.base64(text), bytes.count > 13 else { return nil }
    func number(at offset: Int) -> UInt32 {
      bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
    let functions: [HashFunction] = [.sha1, .sha256, .sha512]
    let rest = bytes[13...]
    guard let code = Int(exactly: number(at: 1)), functions.indices.contains(code),
      counts.contains(number(at: 5)), let saltLength = Int(exactly: number(at: 9)),
      saltLength >= 16,
      saltLength < rest.count, digestLengths.contains(rest.count - saltLength)
    else { return nil }
    self.init(
      function: functions[code], iterations: number(at: 5), salt: Array(rest.prefix(saltLength)),
      digest: Array(rest.dropFirst(saltLength)))
  }
}

extension ScryptHash {
  private init?(
    logN: UInt32?, _ r: ArraySlice<UInt8>, _ p: ArraySlice<UInt8>, salt: [UInt8]?, digest: [UInt8]?
  ) {
    guard let logN, let r = HashText.number(r, in: counts), let p = HashText.number(p, in: counts),
      UInt64(r) * UInt64(p) < 1 << 30, let salt, let digest, digestLengths.contains(digest.count)
    else { return nil }
    self.init(logN: logN, r: r, p: p, salt: salt, digest: digest)
  }

  /// - Parameter text: `$scrypt$ln=16,r=8,p=1$salt$digest`.
  init?(phc text: ArraySlice<UInt8>) {
    let fields = HashText.fields(text)
    guard fields.count == 5, let values = HashText.parameters(fields[2], "ln", "r", "p")
    else { return nil }
    self.init(
      logN: HashText.number(values[0], in: 1...31), values[1], values[2],
      salt: HashText.base64(fields[3]), digest: HashText.base64(fields[4]))
  }

  /// - Parameter text: `scrypt$16384$salt$8$1$digest`, the salt as it is.
  init?(django text: ArraySlice<UInt8>) {
    let fields = HashText.fields(text)
    guard fields.count == 6, !fields[2].isEmpty else { return nil }
    self.init(
      logN: Self.logN(fields[1]), fields[3], fields[4], salt: Array(fields[2]),
      digest: HashText.base64(fields[5]))
  }

  /// - Parameter text: `scrypt:32768:8:1$salt$digest`, the salt as it is, the digest in hexadecimal.
  init?(werkzeug text: ArraySlice<UInt8>) {
    let fields = HashText.fields(text)
    guard fields.count == 3, !fields[1].isEmpty else { return nil }
    let method = HashText.fields(fields[0], by: ":")
    guard method.count == 4 else { return nil }
    self.init(
      logN: Self.logN(method[1]), method[2], method[3], salt: Array(fields[1]),
      digest: HashText.hexadecimal(fields[2]))
  }

  /// N is a power of two.
  private static func logN(_ text: ArraySlice<UInt8>) -> UInt32? {
    guard let n = HashText.number(text, in: 2...1 << 31), n & (n - 1) == 0 else { return nil }
    return UInt32(n.trailingZeroBitCount)
  }
}
