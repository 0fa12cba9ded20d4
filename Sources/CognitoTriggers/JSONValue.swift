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

extension JSONValue: Decodable {
  /// Never throws for what is valid JSON; a value that Swift cannot hold (a lone surrogate, a number
  /// beyond `Decimal`) becomes null, so that the values beside it are kept.
  public init(from decoder: any Decoder) throws {
    if let container = try? decoder.singleValueContainer() {
      if let string = try? container.decode(String.self) {
        self = .string(string)
        return
      }
      if let boolean = try? container.decode(Bool.self) {
        self = .boolean(boolean)
        return
      }
      if let number = try? container.decode(Decimal.self), number.isFinite {
        self = .number(number)
        return
      }
      if let array = try? container.decode([JSONValue].self) {
        self = .array(array)
        return
      }
      if let object = try? container.decode([String: JSONValue].self) {
        self = .object(object)
        return
      }
    }
    self = .null
  }
}

extension JSONValue: Encodable {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .boolean(let boolean): try container.encode(boolean)
    case .number(let number): try container.encode(number)
    case .string(let string): try container.encode(string)
    case .array(let array): try container.encode(array)
    case .object(let object): try container.encode(object)
    }
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
      .object(
        Dictionary(
          object.map { ($0.key.withoutNUL, $0.value.withoutNUL) }, uniquingKeysWith: { $1 }))
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

extension Encodable {
  /// Compact JSON with sorted keys; nil where the value has no JSON form.
  var jsonText: String? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) }
  }
}
