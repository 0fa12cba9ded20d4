import Foundation

/// A user from before Cognito, as a framework keeps them: scripts/lib/legacy_users.py.
public struct LegacyUser: Decodable, Sendable {
  public let framework, legacyID, username, email, password, passwordHash: String
  /// By which Cognito's import takes the hash; nil where it needs the trigger.
  public let algorithm: String?

  /// What no log may give away.
  public var secrets: [String] { [password, passwordHash, email, legacyID] }

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

extension [LegacyUser] {
  /// Makes the old table of Fixtures/imports, with these users, and two orders of each.
  public func addAccounts(to database: TestDatabase) throws {
    let script = TestEnvironment.fixtures.appendingPathComponent("imports/accounts.sql")
    try database.execute(String(contentsOf: script, encoding: .utf8))
    for user in self {
      _ = try database.query(
        """
        INSERT INTO shop.accounts (id, login, email, confirmed, full_name, password)
        VALUES ($1::text, $2::text, $3::text, now(), $4::text, $5::text)
        """,
        [user.legacyID, user.username, user.email, "\(user.username), of old", user.passwordHash])
    }
    try database.execute(
      """
      INSERT INTO shop.orders (account_id, item)
      SELECT id, item FROM shop.accounts, unnest('{tea,rum}'::text[]) AS item
      """)
  }
}
