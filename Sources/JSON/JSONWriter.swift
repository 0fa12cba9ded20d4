/// What can be written as JSON.
public protocol JSONWritable {
  /// Appends this as one value.
  func write(to json: inout JSONWriter)
}

/// Writes compact JSON (RFC 8259) into one growing buffer: members and elements in the order in which they are
/// appended, commas where they belong.
///
/// What is appended is not checked: in an object a key must stand before each value, and each key once.
public struct JSONWriter: Sendable {
  private var bytes: [UInt8] = []

  /// - Parameter capacity: in bytes, to be had before the first value; more is allocated where it is needed.
  public init(capacity: Int = 0) {
    bytes.reserveCapacity(capacity)
  }

  /// - Returns: what was written, in UTF-8.
  public consuming func finished() -> [UInt8] { bytes }

  /// Appends an object.
  ///
  /// - Parameter members: appends the members, and nothing else.
  public mutating func object(_ members: (inout JSONWriter) -> Void) {
    separate()
    bytes.append(UInt8(ascii: "{"))
    members(&self)
    bytes.append(UInt8(ascii: "}"))
  }

  /// Appends an array.
  ///
  /// - Parameter elements: appends the elements, and nothing else.
  public mutating func array(_ elements: (inout JSONWriter) -> Void) {
    separate()
    bytes.append(UInt8(ascii: "["))
    elements(&self)
    bytes.append(UInt8(ascii: "]"))
  }

  /// Appends a member of the object that is being written.
  ///
  /// - Parameters:
  ///   - key: any text; it is escaped.
  ///   - value: nil leaves the member out.
  @inlinable
  public mutating func member(_ key: String, _ value: (some JSONWritable)?) {
    guard let value else { return }
    self.key(key)
    value.write(to: &self)
  }

  /// Appends a member's key; its value must follow.
  public mutating func key(_ key: String) {
    string(key)
    bytes.append(UInt8(ascii: ":"))
  }

  /// Appends a string as a value.
  public mutating func string(_ string: String) {
    separate()
    bytes.append(jsonString: string)
  }

  /// Appends a value that is JSON already.
  ///
  /// - Parameter text: one JSON value, which is not checked.
  public mutating func raw(_ text: String) {
    separate()
    bytes.append(contentsOf: text.utf8)
  }

  /// A value ends in none of these bytes, so that the last byte tells whether one stands before the next.
  private mutating func separate() {
    switch bytes.last {
    case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): break
    default: bytes.append(UInt8(ascii: ","))
    }
  }
}

extension JSONWritable {
  /// This value alone.
  public var jsonText: String {
    var json = JSONWriter()
    write(to: &json)
    return String(decoding: json.finished(), as: UTF8.self)
  }
}

extension String: JSONWritable {
  public func write(to json: inout JSONWriter) { json.string(self) }
}

extension Int: JSONWritable {
  public func write(to json: inout JSONWriter) { json.raw(description) }
}

extension Bool: JSONWritable {
  public func write(to json: inout JSONWriter) { json.raw(self ? "true" : "false") }
}

extension Array: JSONWritable where Element: JSONWritable {
  public func write(to json: inout JSONWriter) {
    json.array { json in
      for element in self { element.write(to: &json) }
    }
  }
}

extension [UInt8] {
  /// Appends `string` as a JSON string with its quotation marks.
  ///
  /// Escaped is what RFC 8259, section 7, demands and nothing else: quotation marks, backslashes and
  /// control characters below U+0020, these as `\u000a`.
  mutating func append(jsonString string: String) {
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
