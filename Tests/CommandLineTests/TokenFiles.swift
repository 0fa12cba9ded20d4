import Foundation
import TestSupport

/// Tokens that were signed for a test, and the file of their keys: nobody has to be asked.
struct TokenFiles {
  /// Holds `pool` and other keys of `PyJWTTokens`.
  let keys: URL
  /// In the order in which their claims were given.
  let tokens: [String]
  private let folder = TemporaryFolder()

  /// - Parameter claims: the JSON texts.
  init(_ claims: String...) throws {
    let signed = try PyJWTTokens.signed(
      claims.map { TokenDraft(header: TestToken.header, claims: $0) })
    tokens = signed.tokens
    keys = folder.url.appendingPathComponent("keys.json")
    try Data(signed.keySet.utf8).write(to: keys)
  }

  /// Of `pooltable verify` and `whoami`, for the pool of `TestToken`.
  var arguments: [String] { ["--user-pool-id", TestToken.pool, "--jwks", keys.path] }
}

/// A folder that goes with its last reference.
final class TemporaryFolder {
  let url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
    .appendingPathComponent("pooltable-\(UUID().uuidString)")

  init() {
    try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }
}
