/// What a database can hold of the names that Cognito's users have.
public enum DatabaseEncoding: Sendable, Equatable {
  /// Every character.
  case utf8
  /// SQL_ASCII: the server takes every byte and knows none of them.
  case unchecked
  /// Another, by PostgreSQL's name. A character that it lacks, an emoji in every one of them, is an error
  /// (22P05) at each attempt to write the user.
  case narrow(String)

  /// - Parameter name: as `pg_encoding_to_char` says it.
  init(name: String) {
    switch name {
    case "UTF8": self = .utf8
    case "SQL_ASCII": self = .unchecked
    default: self = .narrow(name)
    }
  }

  /// What the operator should know, though it does not stop the migration; nil where all is well.
  public var warning: String? {
    guard self == .unchecked else { return nil }
    return """
      the database's encoding is SQL_ASCII: it keeps texts without knowing their characters, so that \
      letter case and lengths are right for ASCII only; better is one with ENCODING 'UTF8'
      """
  }
}
