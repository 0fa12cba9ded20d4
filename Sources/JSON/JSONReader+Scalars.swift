// MARK: Numbers

extension JSONReader {
  mutating func number(isWanted: Bool) throws(JSONError) -> JSONValue {
    let start = index
    _ = take("-", "-")
    if !take("0", "0") { try digits() }
    if take(".", ".") { try digits() }
    var exponent = index
    if take("e", "E") {
      exponent = index
      _ = take("+", "-")
      try digits()
    }
    guard isWanted else { return .null }
    let number = JSONNumber(checked: bytes[start..<index], exponent: bytes[exponent..<index])
    return number.map(JSONValue.number)
      ?? .string(String(decoding: bytes[start..<index], as: UTF8.self))
  }

  private mutating func take(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Bool {
    guard let byte = peek(), byte == UInt8(ascii: first) || byte == UInt8(ascii: second) else {
      return false
    }
    index += 1
    return true
  }

  /// At least one.
  private mutating func digits() throws(JSONError) {
    let start = index
    while let byte = peek(), byte.isASCIIDigit { index += 1 }
    guard index > start else { throw .malformed }
  }
}

// MARK: Strings

extension JSONReader {
  mutating func string(isWanted: Bool) throws(JSONError) -> String {
    index += 1
    var text: [UInt8] = []
    var start = index
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "\""):
        defer { index += 1 }
        guard isWanted else { return "" }
        if text.isEmpty { return String(decoding: bytes[start..<index], as: UTF8.self) }
        text.append(contentsOf: bytes[start..<index])
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        if isWanted { text.append(contentsOf: bytes[start..<index]) }
        let scalar = try escape()
        if isWanted { text.append(contentsOf: scalar.utf8) }
        start = index
      case ..<0x20: throw .malformed
      default: index = endOfRun(from: index + 1)
      }
    }
    throw .malformed
  }

  /// Reads a string without leaving a copy of it anywhere but in `buffer`.
  ///
  /// - Parameters:
  ///   - place: where it is in `text`, its quotation marks included.
  ///   - text: the whole JSON text, in UTF-8.
  ///   - buffer: where it goes, in UTF-8. As many bytes as `place` has are enough.
  /// - Returns: how many bytes the string has.
  /// - Throws: when it is no string, is longer than `buffer`, or has what PostgreSQL could not store; what was read by
  ///   then stands there.
  public static func string(
    at place: Range<Int>, of text: [UInt8], into buffer: UnsafeMutableBufferPointer<UInt8>
  ) throws(JSONError) -> Int {
    var reader = try JSONReader(text, unstorable: .refused)
    reader.index = max(place.lowerBound, 0)
    return try reader.string(into: buffer)
  }

  private mutating func string(
    into buffer: UnsafeMutableBufferPointer<UInt8>
  ) throws(JSONError) -> Int {
    guard peek() == UInt8(ascii: "\"") else { throw .malformed }
    index += 1
    var count = 0
    func put(_ byte: UInt8) throws(JSONError) {
      guard count < buffer.count else { throw .malformed }
      buffer[count] = byte
      count += 1
    }
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "\""):
        index += 1
        return count
      case UInt8(ascii: "\\"):
        for unit in UTF8.encode(try escape()) ?? UTF8.encodedReplacementCharacter { try put(unit) }
      case ..<0x20: throw .malformed
      default:
        try put(byte)
        index += 1
      }
    }
    throw .malformed
  }

  /// Where characters that stand for themselves end.
  private func endOfRun(from start: Int) -> Int {
    bytes.withUnsafeBufferPointer { bytes in
      var end = start
      while end < bytes.count {
        let byte = bytes[end]
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
        end += 1
      }
      return end
    }
  }

  /// Reads an escape sequence, two of them where they are one character's halves.
  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    index += 1
    guard let byte = peek() else { throw .malformed }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      guard let unit = unit(at: index) else {
        if bytes[index...].allSatisfy({ hexadecimalDigit($0) != nil }) { index = bytes.count }
        throw .malformed
      }
      index += 4
      if unit != 0, let scalar = Unicode.Scalar(unit) ?? trailSurrogate(of: unit) { return scalar }
      guard unstorable == .replaced else { throw .malformed }
      return "\u{FFFD}"
    default:
      index -= 1
      throw .malformed
    }
  }

  /// Takes the escape that is the other half of the character that `lead` begins, if it is there.
  private mutating func trailSurrogate(of lead: UInt16) -> Unicode.Scalar? {
    guard Unicode.UTF16.isLeadSurrogate(lead), peek() == UInt8(ascii: "\\"),
      index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "u"),
      let trail = unit(at: index + 2), Unicode.UTF16.isTrailSurrogate(trail)
    else { return nil }
    index += 6
    return Unicode.Scalar(0x10000 + (UInt32(lead) - 0xD800) << 10 + (UInt32(trail) - 0xDC00))
  }

  /// The number that four hexadecimal digits stand for; nil where there is something else.
  private func unit(at start: Int) -> UInt16? {
    guard start + 4 <= bytes.count else { return nil }
    var unit: UInt16 = 0
    for byte in bytes[start..<start + 4] {
      guard let digit = hexadecimalDigit(byte) else { return nil }
      unit = unit << 4 | digit
    }
    return unit
  }
}

extension UInt8 {
  package var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

  package var isASCIILetterOrDigit: Bool {
    isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
  }
}

private func hexadecimalDigit(_ byte: UInt8) -> UInt16? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
  case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
  case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
  default: nil
  }
}
