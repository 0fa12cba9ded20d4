/// The parts that the texts are made of. None of these takes what it would have to guess at.
enum HashText {
  /// Without spaces, tabs and line ends around it.
  static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
    guard let first = text.firstIndex(where: { !isSpace($0) }),
      let last = text.lastIndex(where: { !isSpace($0) })
    else { return [] }
    return text[first...last]
  }

  /// Between the separators, the empty ones too.
  static func fields(
    _ text: ArraySlice<UInt8>, by separator: Unicode.Scalar = "$"
  ) -> [ArraySlice<UInt8>] {
    text.split(separator: UInt8(ascii: separator), omittingEmptySubsequences: false)
  }

  /// ASCII: whoever reads a hash has seen to that.
  static func string(_ text: some Sequence<UInt8>) -> String {
    String(decoding: Array(text), as: UTF8.self)
  }

  /// A number in decimal digits, without a sign or a 0 in front.
  static func number(_ text: ArraySlice<UInt8>, in range: ClosedRange<UInt32>) -> UInt32? {
    guard let first = text.first, text.count <= 10, first != UInt8(ascii: "0") || text.count == 1
    else { return nil }
    var number: UInt64 = 0
    for byte in text {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      number = number * 10 + UInt64(byte - UInt8(ascii: "0"))
    }
    return UInt32(exactly: number).flatMap { range.contains($0) ? $0 : nil }
  }

  /// `m=65536,t=3,p=4`: the values, where the names are these in this order.
  static func parameters(_ text: ArraySlice<UInt8>, _ names: String...) -> [ArraySlice<UInt8>]? {
    let items = fields(text, by: ",")
    guard items.count == names.count else { return nil }
    var values: [ArraySlice<UInt8>] = []
    for (item, name) in zip(items, names) {
      guard item.starts(with: "\(name)=".utf8) else { return nil }
      values.append(item.dropFirst(name.utf8.count + 1))
    }
    return values
  }

  /// Two digits a byte, in upper or lower case; nil also where there are none.
  static func hexadecimal(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    guard !text.isEmpty, text.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text {
      let nibble: UInt8
      switch character {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): nibble = character - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): nibble = character - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): nibble = character - UInt8(ascii: "A") + 10
      default: return nil
      }
      if let first = high {
        bytes.append(first << 4 | nibble)
        high = nil
      } else {
        high = nibble
      }
    }
    return bytes
  }

  /// Base64, with padding or without; passlib writes `.` for `+`. Nil also where there is none.
  static func base64(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    var digits = text
    while digits.last == UInt8(ascii: "=") { digits.removeLast() }
    guard !digits.isEmpty, text.count == digits.count || text.count.isMultiple(of: 4),
      text.count - digits.count <= 2
    else { return nil }
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var bitCount: UInt32 = 0
    for character in digits {
      guard let value = base64Value(character) else { return nil }
      bits = bits << 6 | value
      bitCount += 6
      guard bitCount >= 8 else { continue }
      bitCount -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
      bits &= 1 << bitCount - 1
    }
    // Six bits left are a character that no byte needs.
    return bitCount < 6 && bits == 0 ? bytes : nil
  }

  private static func base64Value(_ character: UInt8) -> UInt32? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"), UInt8(ascii: "."): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }

  /// A digit of `./0-9A-Za-z`, the alphabet of `crypt`.
  static func cryptValue(_ character: UInt8) -> UInt32? {
    switch character {
    case UInt8(ascii: "."): 0
    case UInt8(ascii: "/")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "/")) + 1
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A")) + 12
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 38
    default: nil
    }
  }

  /// Whether it is that many digits of the alphabet of `crypt`.
  static func isCryptText(_ text: ArraySlice<UInt8>, _ count: Int) -> Bool {
    text.count == count && text.allSatisfy { cryptValue($0) != nil }
  }
}
