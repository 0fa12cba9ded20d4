import Foundation

/// What a README shows between two lines of three backticks: commands, or SQL.
///
/// Above it stands a comment that names the test class that runs it; `scripts/lib/documents.py` finds all that nothing
/// does.
public struct DocumentedFence {
  /// Without the lines of backticks.
  public let text: String

  /// - Parameters:
  ///   - page: its path in the package.
  ///   - language: what stands behind the backticks.
  ///   - beginning: how the text begins. The page has one such fence for the class.
  ///   - file: named after the class that runs it.
  public init(
    in page: String, language: String = "", beginning: String, runBy file: String = #fileID
  ) throws {
    let all = try String(
      contentsOf: TestEnvironment.packageRoot.appendingPathComponent(page), encoding: .utf8)
    let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
    let pattern =
      #"<!-- [^>]*\bby \#(name)\b[^>]*-->\n+```\#(language)\n("#
      + NSRegularExpression.escapedPattern(for: beginning) + #"[^`]*?)\n```\n"#
    let expression = try NSRegularExpression(pattern: pattern)
    let found = expression.matches(in: all, range: NSRange(all.startIndex..., in: all))
    guard found.count == 1, let match = found.first, let range = Range(match.range(at: 1), in: all)
    else {
      throw TestEnvironment.Missing(
        description: "\(page) has \(found.count) fences for \(name) that begin with \(beginning)")
    }
    text = String(all[range])
  }
}
