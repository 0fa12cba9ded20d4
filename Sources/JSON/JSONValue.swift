/// A JSON value (RFC 8259) of whatever type.
public enum JSONValue: Sendable, Equatable {
  case null
  case boolean(Bool)
  /// As its text, since no numeric type holds every number.
  case number(JSONNumber)
  /// With its escapes resolved.
  case string(String)
  case array([JSONValue])
  /// Each key once; in no order.
  case object([JSONKey: JSONValue])

  /// Reads one value, as `JSONReader` does.
  ///
  /// - Parameters:
  ///   - bytes: a JSON text in UTF-8, white space around it allowed.
  ///   - unstorable: what becomes of characters that no text in PostgreSQL can hold.
  ///   - allowsByteOrderMark: whether one may stand before it.
  /// - Throws: when `bytes` are not a JSON text, or are nested too deeply.
  public init(
    parsing bytes: [UInt8], unstorable: UnstorableCharacters = .replaced,
    allowsByteOrderMark: Bool = false
  ) throws(JSONError) {
    var reader = try JSONReader(
      bytes, unstorable: unstorable, allowsByteOrderMark: allowsByteOrderMark)
    self = try reader.value()
    try reader.end()
  }

  /// The text of a string; nil for any other value.
  public var string: String? {
    if case .string(let string) = self { string } else { nil }
  }

  /// The texts of an array of nothing but strings; nil for any other value.
  public var strings: [String]? {
    guard case .array(let values) = self else { return nil }
    let strings = values.compactMap(\.string)
    return strings.count == values.count ? strings : nil
  }

  /// The members of an object; nil for any other value.
  public var object: [JSONKey: JSONValue]? {
    if case .object(let object) = self { object } else { nil }
  }
}

extension JSONValue: JSONWritable {
  /// With sorted keys: the same value is the same text in every process.
  public func write(to json: inout JSONWriter) {
    switch self {
    case .null: json.raw("null")
    case .boolean(let boolean): boolean.write(to: &json)
    case .number(let number): number.write(to: &json)
    case .string(let string): json.string(string)
    case .array(let array): array.write(to: &json)
    case .object(let object):
      var members = object.map { (key: $0.key, value: $0.value) }
      Self.write(&members, to: &json)
    }
  }

  /// The text of an object with these members.
  ///
  /// - Parameter members: each key once; they are put in order.
  public static func jsonText(
    ofObject members: inout [(key: JSONKey, value: JSONValue)]
  ) -> String {
    var json = JSONWriter()
    write(&members, to: &json)
    return String(decoding: json.finished(), as: UTF8.self)
  }

  private static func write(
    _ members: inout [(key: JSONKey, value: JSONValue)], to json: inout JSONWriter
  ) {
    members.sort { $0.key < $1.key }
    json.object { json in
      for (key, value) in members { json.member(key.text, value) }
    }
  }
}
