import JSON

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
