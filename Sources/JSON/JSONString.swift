extension [UInt8] {
  /// Appends `string` as a JSON string with its quotation marks.
  ///
  /// Escaped is what RFC 8259, section 7, demands and nothing else: quotation marks, backslashes and
  /// control characters below U+0020.
  public mutating func append(jsonString string: String) {
    append(UInt8(ascii: "\""))
    // Nearly every string has nothing to escape: then it is copied at once.
    var string = string
    let isPlain = string.withUTF8 { bytes in
      guard !bytes.contains(where: needsEscape) else { return false }
      append(contentsOf: bytes)
      return true
    }
    if !isPlain { appendEscaping(string) }
    append(UInt8(ascii: "\""))
  }

  private mutating func appendEscaping(_ string: String) {
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        append(UInt8(ascii: "\\"))
        append(byte)
      case ..<0x20:
        append(contentsOf: "\\u00".utf8)
        append(hexadecimalDigit(byte >> 4))
        append(hexadecimalDigit(byte & 0xF))
      default:
        append(byte)
      }
    }
  }
}

private func needsEscape(_ byte: UInt8) -> Bool {
  byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
}

private func hexadecimalDigit(_ value: UInt8) -> UInt8 {
  value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
