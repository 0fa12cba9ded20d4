/// A connection's text as somebody wrote it, before libpq reads it.
struct ConnectionString {
  /// Without what a file or a form leaves around it, such as a line end.
  let text: String

  init(_ written: String) {
    var text = written[...].drop(while: \.isWhitespace)
    // The end of `key=value` text is libpq's own to read: a backslash may stand before a blank.
    if Self.isURI(text) {
      while text.last?.isWhitespace == true { text.removeLast() }
    }
    self.text = String(text)
  }

  private static func isURI(_ text: Substring) -> Bool {
    text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
  }

  /// What follows the login of a URI; from its host on where it has none.
  ///
  /// As libpq reads it: what stands before the first '@' is a login, unless a '/' comes first.
  private var afterLogin: Substring {
    let authority = text[...].drop { $0 != ":" }.dropFirst(3)
    let login = authority.prefix { $0 != "@" && $0 != "/" }
    let rest = text[login.endIndex...]
    return rest.first == "@" ? rest.dropFirst() : authority
  }

  /// Whether a piece of a password stands where libpq reads the host, for an '@' in it that was not percent-encoded.
  ///
  /// A host may begin with one (a socket without a file); in the name of a database it can be encoded.
  var hasStrayAt: Bool {
    guard Self.isURI(text[...]) else { return false }
    return afterLogin.utf8.prefix { $0 != UInt8(ascii: "?") }.split(separator: UInt8(ascii: ","))
      .contains { $0.dropFirst().contains(UInt8(ascii: "@")) }
  }

  /// The text without the parameter `keyword`, and the value that it had, the last where there are several.
  ///
  /// Meant for a keyword that this libpq does not know yet, and for values that need no escape. What cannot
  /// be read is left as it is: libpq then refuses it.
  func takingOut(_ keyword: String) -> (rest: String, value: String?) {
    Self.isURI(text[...]) ? takingOutOfQuery(keyword) : takingOutOfPairs(keyword)
  }

  private func takingOutOfQuery(_ keyword: String) -> (rest: String, value: String?) {
    guard let mark = afterLogin.firstIndex(of: "?") else { return (text, nil) }
    var value: String?
    let others = text[text.index(after: mark)...].split(
      separator: "&", omittingEmptySubsequences: false
    ).filter { parameter in
      guard parameter.hasPrefix("\(keyword)=") else { return true }
      value = String(parameter.dropFirst(keyword.count + 1))
      return false
    }
    let query = others.isEmpty ? "" : "?" + others.joined(separator: "&")
    return (text[..<mark] + query, value)
  }

  private func takingOutOfPairs(_ keyword: String) -> (rest: String, value: String?) {
    var left = text[...]
    var rest = ""
    var value: String?
    while !left.isEmpty {
      let start = left.startIndex
      left = left.drop(while: \.isWhitespace)
      let name = left.prefix { $0 != "=" && !$0.isWhitespace }
      left = left[name.endIndex...].drop(while: \.isWhitespace)
      guard left.first == "=" else { return (text, nil) }
      left = left.dropFirst().drop(while: \.isWhitespace)
      let valueStart = left.startIndex
      let isQuoted = left.first == "'"
      if isQuoted { left = left.dropFirst() }
      while let character = left.first, isQuoted ? character != "'" : !character.isWhitespace {
        left = left.dropFirst(character == "\\" ? 2 : 1)
      }
      let plain = text[valueStart..<left.startIndex].drop { $0 == "'" }
      if isQuoted { left = left.dropFirst() }
      if name == keyword { value = String(plain) } else { rest += text[start..<left.startIndex] }
    }
    return (rest, value)
  }
}
