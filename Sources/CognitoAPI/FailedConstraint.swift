import JSON

/// The constraint that a value failed, in those of Cognito's words that cannot quote the value.
///
/// `1 validation error detected: Value 'VALUE' at 'groupName' failed to satisfy constraint: Member must satisfy
/// regular expression pattern: [\p{L}…]+` names member and constraint at its end, behind anything that the value
/// could say.
public struct FailedConstraint: Sendable, Equatable, CustomStringConvertible {
  private static let marker = "' failed to satisfy constraint: "
  private static let lengthLimit = 200

  /// `groupName: Member must …`
  public let description: String

  /// - Parameter message: Cognito's.
  /// - Returns: nil where it has any other form.
  init?(message: String) {
    guard let marker = Self.lastRange(of: Self.marker, in: message[...]),
      let at = Self.lastRange(of: " at '", in: message[..<marker.lowerBound])
    else { return nil }
    let member = message[at.upperBound..<marker.lowerBound]
    let constraint = message[marker.upperBound...]
    guard !member.isEmpty, member.utf8.allSatisfy(\.isASCIILetterOrDigit),
      constraint.hasPrefix("Member must "), constraint.utf8.count <= Self.lengthLimit,
      constraint.utf8.allSatisfy({ (0x20..<0x7F).contains($0) })
    else { return nil }
    description = "\(member): \(constraint)"
  }

  private static func lastRange(
    of words: String, in text: Substring
  ) -> Range<Substring.Index>? {
    var start = text.endIndex
    while true {
      if text[start...].hasPrefix(words) {
        return start..<text.index(start, offsetBy: words.count)
      }
      guard start > text.startIndex else { return nil }
      start = text.index(before: start)
    }
  }
}
