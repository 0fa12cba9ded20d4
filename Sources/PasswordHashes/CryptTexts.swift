// The texts of crypt(3) and its kin: `$2b$`, `$1$`, `$5$`, `$6$`, `$y$`, `$P$`. Sources: crypt(5) of libxcrypt, its
// `alg-yescrypt-common.c`, and phpass' `PasswordHash.php`.

extension BcryptHash {
  /// - Parameter text: `$2b$12$` and 53 characters.
  init?(_ text: ArraySlice<UInt8>, of input: Input) {
    var bytes = Array(text)
    guard bytes.count == 60, text.starts(with: "$2".utf8), Self.variants.contains(bytes[2]),
      bytes[3] == UInt8(ascii: "$"), bytes[6] == UInt8(ascii: "$"),
      HashText.isCryptText(text.dropFirst(7), 53),
      // Two digits, so a 0 is in front of one.
      let tens = HashText.number(text.dropFirst(4).prefix(1), in: 0...3),
      let ones = HashText.number(text.dropFirst(5).prefix(1), in: 0...9),
      case let cost = Int(tens * 10 + ones), (4...31).contains(cost)
    else { return nil }
    // 16 bytes of salt are 21 characters and two bits, 23 of the digest 30 and four.
    bytes[28] = Self.clearing(bytes[28], 0b1111)
    bytes[59] = Self.clearing(bytes[59], 0b11)
    self.text = HashText.string(bytes)
    self.cost = cost
    self.input = input
  }

  private static let variants = Array("abxy".utf8)
  private static let alphabet = Array(
    "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

  private static func clearing(_ digit: UInt8, _ bits: Int) -> UInt8 {
    alphabet.firstIndex(of: digit).map { alphabet[$0 & ~bits] } ?? digit
  }
}

extension CryptHash {
  /// - Parameter format: one of those that `crypt` has.
  init?(_ text: ArraySlice<UInt8>, _ format: HashFormat) {
    // The first is empty: it is before the first "$".
    var fields = HashText.fields(text).dropFirst(2)
    guard let digest = fields.popLast() else { return nil }
    switch format {
    case .md5Crypt:
      guard fields.count == 1, Self.isSalt(fields.last, 8), HashText.isCryptText(digest, 22)
      else { return nil }
      method = .md5
    case .sha256Crypt, .sha512Crypt:
      guard let rounds = Self.rounds(&fields), fields.count == 1, Self.isSalt(fields.last, 16),
        HashText.isCryptText(digest, format == .sha256Crypt ? 43 : 86)
      else { return nil }
      method = format == .sha256Crypt ? .sha256(rounds: rounds) : .sha512(rounds: rounds)
    case .yescrypt:
      guard fields.count == 2, let settings = fields.first, Self.isYescryptSalt(fields.last),
        HashText.isCryptText(digest, 43), let method = Self.yescrypt(settings)
      else { return nil }
      self.method = method
    default: return nil
    }
    self.text = HashText.string(text)
  }

  /// Takes `rounds=…` off, where it is in front; 5,000 where it is not.
  private static func rounds(_ fields: inout ArraySlice<ArraySlice<UInt8>>) -> UInt32? {
    guard let first = fields.first, first.starts(with: "rounds=".utf8) else { return 5000 }
    fields.removeFirst()
    return HashText.number(first.dropFirst("rounds=".utf8.count), in: 1000...999_999_999)
  }

  /// crypt(5): any character of ASCII but white space and `:;*!\`.
  private static func isSalt(_ text: ArraySlice<UInt8>?, _ length: Int) -> Bool {
    guard let text, text.count <= length else { return false }
    return text.allSatisfy { $0 > 0x20 && !#":;*!\"#.utf8.contains($0) }
  }

  /// Up to 64 bytes.
  private static func isYescryptSalt(_ text: ArraySlice<UInt8>?) -> Bool {
    guard let text, text.count <= 86 else { return false }
    return HashText.isCryptText(text, text.count)
  }

  /// The parameters' own digits. Others than those of `crypt_gensalt`, which are a flavour, N and r, are not taken:
  /// nobody writes them.
  private static func yescrypt(_ settings: ArraySlice<UInt8>) -> Method? {
    var rest = settings
    guard number(&rest, from: 0) != nil, let logN = number(&rest, from: 1),
      let r = number(&rest, from: 1), rest.isEmpty, (1...31).contains(logN), r <= 1 << 20
    else { return nil }
    return .yescrypt(logN: logN, r: r)
  }

  /// One number of yescrypt's: its first character tells how many follow, so that small ones are short.
  private static func number(_ rest: inout ArraySlice<UInt8>, from least: UInt32) -> UInt32? {
    guard var value = rest.popFirst().flatMap(HashText.cryptValue) else { return nil }
    var first: UInt32 = 0
    var last: UInt32 = 47
    var following: UInt32 = 0
    var result = least
    while value > last {
      // More than four characters are no number that anybody needs.
      guard following < 3 else { return nil }
      result += (last + 1 - first) << (6 * following)
      first = last + 1
      last = first + (62 - last) / 2
      following += 1
    }
    result += (value - first) << (6 * following)
    while following > 0 {
      guard let next = rest.popFirst().flatMap(HashText.cryptValue) else { return nil }
      following -= 1
      value = next
      result += value << (6 * following)
    }
    return result
  }
}

extension PhpassHash {
  /// - Parameter text: `$P$`, the rounds' digit, 8 characters of salt, 22 of the digest.
  init?(_ text: ArraySlice<UInt8>) {
    let fields = text.dropFirst(3)
    guard fields.count == 31,
      let logRounds = fields.first.flatMap(HashText.cryptValue), (7...30).contains(logRounds),
      let digest = Self.digest(fields.dropFirst(9))
    else { return nil }
    self.logRounds = logRounds
    self.salt = Array(fields.dropFirst().prefix(8))
    self.digest = digest
  }

  /// The least significant bits come first.
  private static func digest(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var bitCount: UInt32 = 0
    for character in text {
      guard let value = HashText.cryptValue(character) else { return nil }
      bits |= value << bitCount
      bitCount += 6
      guard bitCount >= 8 else { continue }
      bytes.append(UInt8(truncatingIfNeeded: bits))
      bits >>= 8
      bitCount -= 8
    }
    return bytes.count == 16 && bits == 0 ? bytes : nil
  }
}
