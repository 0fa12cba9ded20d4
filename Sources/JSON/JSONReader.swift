/// Reads JSON (RFC 8259) that may come from anybody, in time proportional to its length.
///
/// `JSONDecoder` is not used: finding out a value's type costs it an error for each wrong guess, so that
/// 1 MB of nested arrays took half a minute, and its 512 levels of nesting overflow a small stack. This
/// reader bounds the nesting, and reads what Swift or PostgreSQL could not hold in a way that they can:
/// - `\u0000` and a surrogate without its other half become U+FFFD, or are refused, as the caller chooses.
/// - A number that `JSONNumber` cannot hold becomes a string of its characters.
/// - Of two members with the same key the last counts, as in PostgreSQL. Keys are compared byte by byte.
public struct JSONReader {
  /// Deeper than what anybody writes to be read, and shallow enough for a small stack.
  public static let depthLimit = 64

  /// U+FEFF in UTF-8.
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  let bytes: [UInt8]
  let unstorable: UnstorableCharacters
  /// The offset of the next byte; after an error, of the byte that may not stand there, or the end of a text
  /// that stops too early.
  public internal(set) var index = 0
  private var depth = 0

  /// A reader at the beginning of a text.
  ///
  /// - Parameters:
  ///   - bytes: the text in UTF-8.
  ///   - unstorable: what becomes of characters that no text in PostgreSQL can hold.
  ///   - allowsByteOrderMark: whether U+FEFF may stand before the text, and is passed over: RFC 8259,
  ///     section 8.1, lets a reader do so.
  /// - Throws: when the bytes are not valid UTF-8.
  public init(
    _ bytes: [UInt8], unstorable: UnstorableCharacters = .replaced,
    allowsByteOrderMark: Bool = false
  ) throws(JSONError) {
    // Without a copy, which would be one more of what is secret in a text.
    guard (try? UTF8Span(validating: bytes.span)) != nil else { throw .notUTF8 }
    self.bytes = bytes
    self.unstorable = unstorable
    if allowsByteOrderMark, bytes.starts(with: Self.byteOrderMark) {
      index = Self.byteOrderMark.count
    }
  }

  /// Reads one value. One that is not wanted is checked but not kept, and returned as null.
  public mutating func value(isWanted: Bool = true) throws(JSONError) -> JSONValue {
    switch try next() {
    case UInt8(ascii: "{"):
      var object: [JSONKey: JSONValue] = [:]
      try members(areWanted: isWanted) { (reader, key) throws(JSONError) in
        let value = try reader.value(isWanted: isWanted)
        if isWanted { object[key] = value }
      }
      return isWanted ? .object(object) : .null
    case UInt8(ascii: "["):
      return try array(isWanted: isWanted)
    case UInt8(ascii: "\""):
      let string = try string(isWanted: isWanted)
      return isWanted ? .string(string) : .null
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number(isWanted: isWanted)
    }
  }

  /// Reads one value whose depth counts from here on, as that of a text of its own.
  ///
  /// - Returns: nil where it is nested more than `depthLimit` levels deep. It is passed over then, and looked at no
  ///   further than for its end.
  public mutating func valueOfItsOwn() throws(JSONError) -> JSONValue? {
    _ = try next()
    let (start, outerDepth) = (index, depth)
    depth = 0
    defer { depth = outerDepth }
    do { return try value() } catch {
      guard error == .tooDeep else { throw error }
    }
    index = start
    try passOverBrackets()
    return nil
  }

  /// Reads one value without keeping it.
  ///
  /// - Returns: where it is in the text.
  public mutating func valueRange() throws(JSONError) -> Range<Int> {
    _ = try next()
    let start = index
    _ = try value(isWanted: false)
    return start..<index
  }

  /// Whether an object comes next.
  public mutating func isAtObject() throws(JSONError) -> Bool {
    try next() == UInt8(ascii: "{")
  }

  /// Reads an object; `member` is called after each key and must read one value.
  public mutating func members(
    areWanted: Bool = true,
    _ member: (inout JSONReader, _ key: JSONKey) throws(JSONError) -> Void
  ) throws(JSONError) {
    try open(UInt8(ascii: "{"))
    if try next() == UInt8(ascii: "}") { return close() }
    while true {
      guard try next() == UInt8(ascii: "\"") else { throw .malformed }
      let key = JSONKey(try string(isWanted: areWanted))
      guard try next() == UInt8(ascii: ":") else { throw .malformed }
      index += 1
      try member(&self, key)
      guard try hasNext(before: UInt8(ascii: "}")) else { return close() }
    }
  }

  /// Whether an array comes next.
  public mutating func isAtArray() throws(JSONError) -> Bool {
    try next() == UInt8(ascii: "[")
  }

  /// Reads an array; `element` is called before each element and must read one value.
  public mutating func elements(
    _ element: (inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    try open(UInt8(ascii: "["))
    if try next() == UInt8(ascii: "]") { return close() }
    repeat { try element(&self) } while try hasNext(before: UInt8(ascii: "]"))
    close()
  }

  /// - Throws: when anything but white space follows.
  public mutating func end() throws(JSONError) {
    skipWhiteSpace()
    guard index == bytes.count else { throw .malformed }
  }

  private mutating func array(isWanted: Bool) throws(JSONError) -> JSONValue {
    var array: [JSONValue] = []
    try elements { (reader) throws(JSONError) in
      let element = try reader.value(isWanted: isWanted)
      if isWanted { array.append(element) }
    }
    return isWanted ? .array(array) : .null
  }

  private mutating func open(_ bracket: UInt8) throws(JSONError) {
    guard try next() == bracket else { throw .malformed }
    index += 1
    depth += 1
    guard depth <= Self.depthLimit else { throw .tooDeep }
  }

  private mutating func close() {
    index += 1
    depth -= 1
  }

  /// Takes all from one bracket to the one that closes it, whatever the depth.
  private mutating func passOverBrackets() throws(JSONError) {
    var open = 0
    repeat {
      switch try next() {
      case UInt8(ascii: "\""): _ = try string(isWanted: false)
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        open += 1
        index += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        open -= 1
        index += 1
      default: index += 1
      }
    } while open > 0
  }

  /// Takes the comma before the next element; stops before `bracket`.
  private mutating func hasNext(before bracket: UInt8) throws(JSONError) -> Bool {
    let byte = try next()
    if byte == bracket { return false }
    guard byte == UInt8(ascii: ",") else { throw .malformed }
    index += 1
    return true
  }

  private mutating func word(
    _ word: StaticString, _ value: JSONValue
  ) throws(JSONError) -> JSONValue {
    let end = index + word.utf8CodeUnitCount
    let isThere = word.withUTF8Buffer { end <= bytes.count && bytes[index..<end].elementsEqual($0) }
    guard isThere else {
      if word.withUTF8Buffer({ $0.starts(with: bytes[index...]) }) { index = bytes.count }
      throw .malformed
    }
    index = end
    return value
  }

  /// The first byte after white space, which is not taken yet.
  private mutating func next() throws(JSONError) -> UInt8 {
    skipWhiteSpace()
    guard let byte = peek() else { throw .malformed }
    return byte
  }

  private mutating func skipWhiteSpace() {
    index = bytes.withUnsafeBufferPointer { bytes in
      var end = index
      // Mostly there is none, or much of it, as in what is printed for people.
      while end < bytes.count {
        let byte = bytes[end]
        guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { break }
        end += 1
      }
      return end
    }
  }

  func peek() -> UInt8? {
    index < bytes.count ? bytes[index] : nil
  }
}

/// Why a text could not be read. No case quotes it.
public enum JSONError: Error, Sendable, Equatable {
  /// The bytes are not valid UTF-8.
  case notUTF8
  /// The text breaks JSON's grammar.
  case malformed
  /// Nested more than `JSONReader.depthLimit` levels deep.
  case tooDeep
}

/// What is done with an escaped NUL character, which PostgreSQL's `text` and `jsonb` cannot hold, and
/// with half a surrogate pair (`\ud83d`, as a program leaves it that cuts strings by UTF-16 units),
/// which no Unicode text can.
public enum UnstorableCharacters: Sendable {
  /// Each becomes U+FFFD, the replacement character.
  case replaced
  /// The text counts as malformed. For passwords: another character would make another one.
  case refused
}
