// The texts of MD5 and SHA-1, once, with a salt.

extension DigestHash {
  /// - Parameter text: `sha1$salt$hex`.
  init?(django text: ArraySlice<UInt8>) {
    let fields = HashText.fields(text)
    guard fields.count == 3, let function = HashFunction(rawValue: HashText.string(fields[0])),
      let digest = HashText.hexadecimal(fields[2]), digest.count == function.digestLength,
      !fields[1].isEmpty
    else { return nil }
    self.init(
      function: function, order: .saltFirst, salt: Array(fields[1]), digest: digest)
  }

  /// - Parameter text: `{SSHA}` or `{SMD5}`, and base64 of digest and salt.
  init?(ldap text: ArraySlice<UInt8>) {
    let function: HashFunction = text.starts(with: "{SSHA}".utf8) ? .sha1 : .md5
    guard let bytes = HashText.base64(text.dropFirst("{SSHA}".utf8.count)),
      bytes.count > function.digestLength
    else { return nil }
    self.init(
      function: function, order: .saltLast, salt: Array(bytes.dropFirst(function.digestLength)),
      digest: Array(bytes.prefix(function.digestLength)))
  }

  /// - Parameter text: `hex:salt`.
  init?(salted text: ArraySlice<UInt8>) {
    guard let colon = text.firstIndex(of: UInt8(ascii: ":")),
      let digest = HashText.hexadecimal(text[..<colon]),
      let function = [HashFunction.md5, .sha1].first(where: { $0.digestLength == digest.count }),
      case let salt = text[(colon + 1)...], !salt.isEmpty
    else { return nil }
    self.init(function: function, order: .either, salt: Array(salt), digest: digest)
  }
}
