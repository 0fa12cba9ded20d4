import Postgres

/// Why migrating failed, or was refused.
public enum MigrationError: Error, Sendable, Equatable {
  /// A statement of the bookkeeping failed, or the connection.
  case database(PostgresError)
  /// A migration failed and was rolled back; those before it stay.
  case failed(version: Int, name: String, PostgresError)
  /// The text of an applied migration is not this program's.
  case changed(version: Int, name: String)
  /// The database has a migration that this program does not know.
  case databaseIsNewer(version: Int)
  /// The database's encoding cannot hold every name; nothing was changed. `other` is a name for another
  /// database, quoted for SQL.
  case narrowEncoding(String, database: String, other: String)
  /// The server has no role of this name.
  case noSuchRole(String)
  /// The role did not get all of the rights.
  case notGranted(role: String, PostgresError)
  /// Others held a lock for longer than migrating waits; the migration was rolled back.
  case locked(version: Int, name: String, [LockHolder])

  /// Whether the same may succeed once somebody else has ended a transaction.
  var isForWantOfALock: Bool {
    switch self {
    case .database(let error), .failed(_, _, let error):
      // lock_not_available, deadlock_detected
      ["55P03", "40P01"].contains(error.state?.code)
    default: false
    }
  }
}

extension MigrationError: CustomStringConvertible {
  public var description: String { description(withRemedies: { _ in nil }) }

  /// - Parameter remedy: what can be done about an SQLSTATE; nil where nothing is to be said.
  public func description(withRemedies remedy: (SQLState) -> String?) -> String {
    switch self {
    case .database(let error): error.description(withRemedies: remedy)
    case .failed(let version, let name, let error):
      "migration \(version) (\(name)) failed and was rolled back: "
        + Self.text(
          error, lackingGrant: "migrating needs CREATE on the database, as its owner has it", remedy
        )
    case .changed(let version, let name):
      "migration \(version) (\(name)) was applied with another text than this program has: "
        + "use the release that applied it, or restore the migration"
    case .databaseIsNewer(let version):
      "the database has migration \(version), which this program does not know: "
        + "use the newer release"
    case .narrowEncoding(let encoding, let database, let other):
      "the encoding of the database \(database) is \(encoding), which lacks characters that names have, "
        + "as an emoji: use a database in UTF8, made with: "
        + "CREATE DATABASE \(other) TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
    case .noSuchRole(let name):
      "there is no role \(name): create it first (CREATE ROLE … LOGIN PASSWORD …)"
    case .notGranted(let role, let error):
      "the rights of \(role) could not be granted: "
        + Self.text(
          error,
          lackingGrant:
            "it takes the owner of the schema 'cognito', with the right to alter that role", remedy)
    case .locked(let version, let name, let holders):
      "migration \(version) (\(name)) did not get its locks and was rolled back: "
        + "\(holders.listed) in the way; try again when that has ended, or with a longer --lock-timeout"
    }
  }

  /// Whoever migrates lacks another grant than the Lambda function would.
  private static func text(
    _ error: PostgresError, lackingGrant: String, _ remedy: (SQLState) -> String?
  ) -> String {
    error.state?.code == "42501"
      ? "SQLSTATE 42501, \(lackingGrant)" : error.description(withRemedies: remedy)
  }
}
