import FoundationEssentials

/// A JSON value of whatever type: Cognito documents strings, and has sent the others.
public enum JSONValue: Sendable, Equatable {
  case null
  case boolean(Bool)
  case number(Decimal)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])
}

extension JSONValue {
  /// - Throws: when `bytes` are no JSON text, or nested too deep.
  init(parsing bytes: [UInt8]) throws(JSONError) {
    var reader = try JSONReader(bytes)
    self = try reader.value()
    try reader.end()
  }
}

extension JSONValue {
  /// This value without NUL characters, which PostgreSQL's text and jsonb cannot hold: each becomes
  /// U+FFFD, the replacement character.
  var withoutNUL: JSONValue {
    switch self {
    case .null, .boolean, .number: self
    case .string(let string): .string(string.withoutNUL)
    case .array(let array): .array(array.map(\.withoutNUL))
    case .object(let object):
      // In order: of two keys that become one the same must win in every process, or the row would
      // seem to change with each.
      .object(
        Dictionary(
          object.sorted { $0.key < $1.key }.map { ($0.key.withoutNUL, $0.value.withoutNUL) },
          uniquingKeysWith: { $1 }))
    }
  }
}

extension String {
  var withoutNUL: String {
    guard utf8.contains(0) else { return self }
    return String(
      String.UnicodeScalarView(unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
  }
}

extension JSONValue {
  /// Compact JSON with sorted keys: the same value is the same text in every process.
  var jsonText: String {
    var text: [UInt8] = []
    write(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  private func write(to text: inout [UInt8]) {
    switch self {
    case .null: text += "null".utf8
    case .boolean(let boolean): text += (boolean ? "true" : "false").utf8
    case .number(let number): text += (number.isFinite ? number.description : "null").utf8
    case .string(let string): Self.write(string, to: &text)
    case .array(let array):
      text.append(UInt8(ascii: "["))
      for (index, value) in array.enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        value.write(to: &text)
      }
      text.append(UInt8(ascii: "]"))
    case .object(let object):
      text.append(UInt8(ascii: "{"))
      for (index, member) in object.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        Self.write(member.key, to: &text)
        text.append(UInt8(ascii: ":"))
        member.value.write(to: &text)
      }
      text.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ string: String, to text: inout [UInt8]) {
    text.append(UInt8(ascii: "\""))
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        text.append(UInt8(ascii: "\\"))
        text.append(byte)
      case ..<0x20:
        text += (byte < 0x10 ? "\\u000" : "\\u00").utf8
        text += String(byte, radix: 16).utf8
      default: text.append(byte)
      }
    }
    text.append(UInt8(ascii: "\""))
  }
}
