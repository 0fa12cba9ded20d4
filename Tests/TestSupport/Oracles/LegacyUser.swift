import Foundation

/// A user from before Cognito, as a framework keeps them: scripts/lib/legacy_users.py.
public struct LegacyUser: Decodable, Sendable {
  public let framework, legacyID, username, email, password, passwordHash: String
  /// By which Cognito's import takes the hash; nil where it needs the trigger.
  public let algorithm: String?

  enum CodingKeys: String, CodingKey {
    case framework, username, email, password, algorithm
    case legacyID = "legacy_id"
    case passwordHash = "password_hash"
  }

  private static let result = Result {
    let script = TestEnvironment.packageRoot.appendingPathComponent("scripts/lib/legacy_users.py")
    let python = URL(fileURLWithPath: try TestEnvironment.variable("POOLTABLE_TEST_PYTHON"))
    let run = try CommandRun.run(python, [script.path])
    guard run.exitCode == 0 else { throw TestEnvironment.Missing(description: run.errors) }
    return try JSONDecoder().decode([LegacyUser].self, from: Data(run.output.utf8))
  }

  /// Two of each of six frameworks, the same in all tests of this process.
  public static var all: [LegacyUser] {
    get throws { try result.get() }
  }
}
