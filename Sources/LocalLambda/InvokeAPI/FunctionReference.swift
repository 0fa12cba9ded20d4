/// Which function a caller means: a name, a partial ARN or a whole one, with a qualifier or without.
///
/// The forms are those of `NamespacedFunctionName` in Lambda's API.
struct FunctionReference: Equatable {
  var name: String
  /// A version or an alias, as `$LATEST`.
  var qualifier: String?

  /// - Parameter text: as in the path of a request, its escapes resolved.
  /// - Returns: nil where `text` has none of these forms.
  init?(_ text: String) {
    var parts = text.split(separator: ":", omittingEmptySubsequences: false)[...]
    if parts.first == "arn" {
      guard parts.count > 3, parts.dropFirst().first?.hasPrefix("aws") ?? false,
        parts.dropFirst(2).first == "lambda"
      else { return nil }
      parts = parts.dropFirst(3)
    }
    // Nothing here is of a region or an account, so any will do.
    if parts.count > 1, parts.first.map(Self.isRegion) ?? false { parts = parts.dropFirst() }
    if parts.count > 1, parts.first.map(Self.isAccount) ?? false { parts = parts.dropFirst() }
    if parts.count > 1, parts.first == "function" { parts = parts.dropFirst() }
    guard let name = parts.first, name.utf8.count <= 140, Self.isWord(name, also: "-_."),
      parts.count <= 2
    else { return nil }
    self.name = String(name)
    if let qualifier = parts.dropFirst().first {
      guard Self.isQualifier(qualifier) else { return nil }
      self.qualifier = String(qualifier)
    }
  }

  /// Whether `text` is a version or an alias.
  static func isQualifier(_ text: some StringProtocol) -> Bool {
    isWord(text, also: "-_$.") && text.utf8.count <= 128
  }

  private static func isWord(_ text: some StringProtocol, also others: String) -> Bool {
    !text.isEmpty
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || others.contains($0) }
  }

  private static func isRegion(_ text: Substring) -> Bool {
    let words = text.split(separator: "-", omittingEmptySubsequences: false)
    return words.count >= 3 && isWord(text, also: "-") && words.last?.count == 1
      && words.last?.first?.isNumber ?? false
  }

  private static func isAccount(_ text: Substring) -> Bool {
    text.count == 12 && text.allSatisfy { $0.isASCII && $0.isNumber }
  }
}

/// The function that is served.
public struct FunctionIdentity: Sendable, Equatable {
  /// As callers name it.
  public var name: String
  /// The ARN's region; the emulator's own unless told.
  public var region: String

  /// - Parameter region: nil is what AWS's emulator says.
  public init(name: String, region: String? = nil) {
    self.name = name
    self.region = region ?? "us-east-1"
  }

  /// - Parameter qualifier: a version or an alias.
  /// - Returns: in the account that AWS's emulator names.
  public func arn(qualifier: String?) -> String {
    let suffix = qualifier.map { ":\($0)" } ?? ""
    return "arn:aws:lambda:\(region):012345678912:function:\(name)\(suffix)"
  }

  /// Whether `text` can be a function's name in Lambda: letters, digits, `-` and `_`, 64 at most.
  public static func isName(_ text: String) -> Bool {
    text.utf8.count <= 64 && !text.contains(".") && FunctionReference(text)?.name == text
      && !text.contains(":")
  }
}
