import JSON

/// JSON values one after another, told apart while their text comes in: JSON lines, or values with any white space, or
/// none, between them.
struct JSONSequence {
  /// One value.
  struct Element: Equatable {
    /// Just as it came, without the white space around it.
    var bytes: [UInt8]
    /// Where it begins, counted from 1.
    var line: Int
  }

  /// Why a text is no such sequence.
  enum Fault: Error, Equatable {
    case notJSON(line: Int)
    /// The value that begins here has no end.
    case cutOff(line: Int)
    /// The value that begins here is longer than the limit.
    case tooLong(line: Int)
  }

  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// In bytes, of one value.
  private let limit: Int
  /// What has not been given out yet.
  private var text: [UInt8] = []
  /// How far `text` is scanned: all of it belongs to one value, which has not ended there.
  private var scanned = 0
  private var line = 1
  private var isAtStart = true
  private var isAtEnd = false

  private var depth = 0
  private var isInString = false
  private var isEscaped = false

  /// - Parameter limit: in bytes; a longer value is an error, so that no more than that has to be kept.
  init(limit: Int) {
    self.limit = limit
  }

  /// - Parameter bytes: what comes next of the text; empty at its end.
  mutating func append(_ bytes: [UInt8]) {
    text += bytes
    isAtEnd = bytes.isEmpty
  }

  /// - Returns: the next value; nil where more of the text is needed, or at its end.
  mutating func next() throws(Fault) -> Element? {
    if isAtStart {
      guard text.count >= Self.byteOrderMark.count || isAtEnd else { return nil }
      if text.starts(with: Self.byteOrderMark) { text.removeFirst(Self.byteOrderMark.count) }
      isAtStart = false
    }
    if scanned == 0 { skipWhiteSpace() }
    guard let length = try lengthOfValue() else { return nil }
    let element = Element(bytes: Array(text[..<length]), line: line)
    try check(element)
    line += lines(in: text[..<length])
    text.removeFirst(length)
    (scanned, depth, isInString, isEscaped) = (0, 0, false, false)
    return element
  }

  private mutating func skipWhiteSpace() {
    let length = text.firstIndex { !$0.isWhiteSpace } ?? text.count
    line += lines(in: text[..<length])
    text.removeFirst(length)
  }

  private mutating func lengthOfValue() throws(Fault) -> Int? {
    while scanned < text.count {
      // Only white space ends a number or a word: what else stands behind it makes no JSON of both.
      if depth == 0, !isInString, scanned > 0, text[scanned].isWhiteSpace { return scanned }
      scanned += 1
      if endsValue(text[scanned - 1]) { return scanned }
      guard scanned <= limit else { throw .tooLong(line: line) }
    }
    guard isAtEnd, !text.isEmpty else { return nil }
    guard depth == 0, !isInString else { throw .cutOff(line: line) }
    return scanned
  }

  /// Takes a byte of the value into account.
  private mutating func endsValue(_ byte: UInt8) -> Bool {
    if isInString {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInString = false
        return depth == 0
      }
      return false
    }
    switch byte {
    case UInt8(ascii: "\""): isInString = true
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      depth -= 1
      return depth <= 0
    default: break
    }
    return false
  }

  /// How deep a value may be nested is for whoever gets it to say.
  private func check(_ element: Element) throws(Fault) {
    guard var reader = try? JSONReader(element.bytes) else { throw .notJSON(line: element.line) }
    do {
      _ = try reader.value(isWanted: false)
      try reader.end()
    } catch {
      guard error != .tooDeep else { return }
      throw .notJSON(line: element.line + lines(in: element.bytes[..<reader.index]))
    }
  }

  private func lines(in text: ArraySlice<UInt8>) -> Int {
    text.count { $0 == UInt8(ascii: "\n") }
  }
}

extension UInt8 {
  /// Source: RFC 8259, section 2.
  fileprivate var isWhiteSpace: Bool {
    self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09
  }
}
