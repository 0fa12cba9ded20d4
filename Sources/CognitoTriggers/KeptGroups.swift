/// Which of Cognito's own groups stay in a token beside the database's roles: names, and beginnings of
/// names before a `*`.
public struct KeptGroups: Sendable, Equatable {
  private let names: [String]
  private let prefixes: [String]

  /// - Parameter text: as `eu-central-1_ExaMPLe01_AcmeSAML,staff-*`; space around a name does not count.
  /// - Returns: nil where a part of it could not be a group's name: empty, longer than 128
  ///   characters, with a space or a control character, or with a `*` elsewhere than at its end.
  ///
  /// Source: Amazon Cognito user pools API reference, `GroupNameType`.
  public init?(_ text: String) {
    var (names, prefixes): ([String], [String]) = ([], [])
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      var name = part.drop(while: \.isWhitespace)
      while name.last?.isWhitespace == true { name.removeLast() }
      let isPrefix = name.last == "*"
      let wanted = String(isPrefix ? name.dropLast() : name)
      guard !name.isEmpty, wanted.unicodeScalars.count <= 128, !wanted.contains("*"),
        wanted.unicodeScalars.allSatisfy({
          !$0.properties.isWhitespace && $0.properties.generalCategory != .control
        })
      else { return nil }
      if isPrefix { prefixes.append(wanted) } else { names.append(wanted) }
    }
    self.names = names
    self.prefixes = prefixes
  }

  /// By the bytes, as Cognito tells names apart.
  public func contains(_ group: String) -> Bool {
    names.contains { $0.utf8.elementsEqual(group.utf8) }
      || prefixes.contains { group.utf8.starts(with: $0.utf8) }
  }
}
