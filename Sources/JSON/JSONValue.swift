/// A JSON value (RFC 8259) of whatever type.
public enum JSONValue: Sendable, Equatable {
  case null
  case boolean(Bool)
  case number(JSONNumber)
  case string(String)
  case array([JSONValue])
  case object([JSONKey: JSONValue])

  /// Reads one value, as `JSONReader` does.
  ///
  /// - Parameters:
  ///   - bytes: a JSON text in UTF-8, white space around it allowed.
  ///   - unstorable: what becomes of characters that no text in PostgreSQL can hold.
  /// - Throws: when `bytes` are no such text, or nested too deep.
  public init(
    parsing bytes: [UInt8], unstorable: UnstorableCharacters = .replaced
  ) throws(JSONError) {
    var reader = try JSONReader(bytes, unstorable: unstorable)
    self = try reader.value()
    try reader.end()
  }

  /// The text of a string; nil for any other value.
  public var string: String? {
    if case .string(let string) = self { string } else { nil }
  }

  /// The members of an object; nil for any other value.
  public var object: [JSONKey: JSONValue]? {
    if case .object(let object) = self { object } else { nil }
  }
}

extension JSONValue {
  /// Compact JSON with sorted keys: the same value is the same text in every process.
  public var jsonText: String {
    var text: [UInt8] = []
    write(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// The text of an object with these members.
  ///
  /// - Parameter members: each key once; they are put in order.
  public static func jsonText(
    ofObject members: inout [(key: JSONKey, value: JSONValue)]
  ) -> String {
    var text: [UInt8] = []
    write(&members, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  private static func write(
    _ members: inout [(key: JSONKey, value: JSONValue)], to text: inout [UInt8]
  ) {
    members.sort { $0.key < $1.key }
    text.append(UInt8(ascii: "{"))
    for (index, member) in members.enumerated() {
      if index > 0 { text.append(UInt8(ascii: ",")) }
      text.append(jsonString: member.key.text)
      text.append(UInt8(ascii: ":"))
      member.value.write(to: &text)
    }
    text.append(UInt8(ascii: "}"))
  }

  private func write(to text: inout [UInt8]) {
    switch self {
    case .null: text += "null".utf8
    case .boolean(let boolean): text += (boolean ? "true" : "false").utf8
    case .number(let number): text += number.text.utf8
    case .string(let string): text.append(jsonString: string)
    case .array(let array):
      text.append(UInt8(ascii: "["))
      for (index, value) in array.enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        value.write(to: &text)
      }
      text.append(UInt8(ascii: "]"))
    case .object(let object):
      var members = object.map { (key: $0.key, value: $0.value) }
      Self.write(&members, to: &text)
    }
  }
}
