/// Why a connection's text cannot be used. No case carries a value: each may be a secret, or hold one.
public enum ConnectionStringError: Error, Sendable, Equatable {
  /// There is no text, or nothing but white space.
  case empty
  /// The text is neither a URI nor `key=value` pairs.
  case malformed
  /// libpq knows no parameter of this name.
  case unknownParameter(String)
  /// `variable`: the environment variable that the value is from; nil where it was given.
  case unusable(parameter: String, variable: String?, rule: String)

  /// - Parameter message: of `PQconninfoParse`. It quotes what it does not understand.
  init(saidByLibPQ message: String) {
    let openings = ["invalid URI query parameter: \"", "invalid connection option \""]
    guard let opening = openings.first(where: { message.hasPrefix($0) }) else {
      self = .malformed
      return
    }
    let name = message.dropFirst(opening.count).prefix { $0 != "\"" }
    // Where a password was not percent-encoded, a piece of it stands here.
    self = Self.isName(name) ? .unknownParameter(String(name)) : .malformed
  }

  private static func isName(_ text: Substring) -> Bool {
    (1...40).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
      }
  }
}

extension ConnectionStringError: CustomStringConvertible {
  /// Follows the name of the setting: "DATABASE_URL is empty".
  public var description: String {
    switch self {
    case .empty: "is empty: give a PostgreSQL URI or key=value text"
    case .malformed:
      "is neither a PostgreSQL URI (postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full, "
        + "special characters percent-encoded) nor key=value text"
    case .unknownParameter(let name):
      "has a parameter that libpq does not know: '\(name)' (it is another client's, or misspelt: "
        + "take it out)"
    case .unusable(let parameter, nil, let rule):
      "has a value that libpq does not take: \(parameter) \(rule)"
    case .unusable(let parameter, let variable?, let rule):
      "does not say \(parameter), and \(variable) in the environment has a value that libpq does not "
        + "take: it \(rule)"
    }
  }
}
