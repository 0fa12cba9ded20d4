/// Why some bytes are no JSON, or none that is read. No case quotes them.
public enum JSONError: Error, Sendable, Equatable {
  case notUTF8
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
  /// The text is malformed: where another character would be another password.
  case refused
}
