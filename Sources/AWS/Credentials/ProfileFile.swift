import Settings

/// A file of AWS's command line, `~/.aws/credentials` or `~/.aws/config`: sections of settings.
///
/// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
struct ProfileFile {
  /// By section and name. A section that comes twice is one; of two settings with one name the last counts.
  private var sections: [String: [String: String]] = [:]

  /// - Parameter text: what is no setting in it is passed over.
  init(_ text: String) {
    var section: String?
    // A line ends with CR and LF where Windows wrote it; to Swift that is one character.
    for line in text.split(whereSeparator: \.isNewline) {
      // Settings of a setting are indented; none of them is a key.
      guard let first = line.first, !first.isWhitespace, first != "#", first != ";" else {
        continue
      }
      if first == "[" {
        section = line.firstIndex(of: "]").map { Self.name(line[..<$0].dropFirst()) }
        if let section, sections[section] == nil { sections[section] = [:] }
      } else if let section, let equals = line.firstIndex(of: "=") {
        let name = line[..<equals].trimmed.lowercased()
        sections[section]?[name] = Self.value(line[line.index(after: equals)...])
      }
    }
  }

  subscript(section: String) -> [String: String]? { sections[section] }

  /// `profile  "a name"` is written as `profile a name`.
  private static func name(_ text: Substring) -> String {
    let words = text.trimmed.split(maxSplits: 1, whereSeparator: \.isWhitespace)
    return words.map { word in
      let word = word.trimmed
      let isQuoted = word.count >= 2 && word.first == "\"" && word.last == "\""
      return String(isQuoted ? word.dropFirst().dropLast() : word)
    }.joined(separator: " ")
  }

  /// Without a comment, which white space sets apart.
  private static func value(_ text: Substring) -> String {
    var end = text.endIndex
    var previous: Character = " "
    for index in text.indices {
      if previous.isWhitespace, text[index] == "#" || text[index] == ";" {
        end = index
        break
      }
      previous = text[index]
    }
    return String(text[..<end].trimmed)
  }
}
