import Foundation

/// The example that stands in the comment of a function which a team may replace.
public enum WorkedExample {
  /// - Parameters:
  ///   - opening: how the example begins, as `CREATE OR REPLACE FUNCTION cognito.roles_for_token(`.
  ///   - migration: the file's name.
  /// - Returns: from there to the end of the function's body.
  public static func text(_ opening: String, in migration: String) throws -> String {
    let file = TestEnvironment.packageRoot
      .appendingPathComponent("Sources/SchemaMigrations/SQL/\(migration)")
    let comment = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      .filter { $0.hasPrefix("--   ") }.map { $0.dropFirst(5) }
    guard let begin = comment.firstIndex(where: { $0.hasPrefix(opening) }),
      let end = comment[begin...].firstIndex(where: { $0.hasSuffix("$;") })
    else { throw TestEnvironment.Missing(description: "\(migration) has no \(opening)") }
    return comment[begin...end].joined(separator: "\n")
  }
}
