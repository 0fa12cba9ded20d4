import Postgres

public enum MigrationError: Error, Sendable, Equatable {
  case database(PostgresError)
  /// A migration failed and was rolled back; those before it stay.
  case failed(version: Int, name: String, PostgresError)
  /// The text of an applied migration is not this program's.
  case changed(version: Int, name: String)
  /// The database has a migration that this program does not know.
  case databaseIsNewer(version: Int)
  case noSuchRole(String)
  /// Another migration run held the lock until the deadline.
  case locked
}

extension MigrationError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .database(let error): "\(error)"
    case .failed(let version, let name, let error):
      "migration \(version) (\(name)) failed and was rolled back: \(error)"
        + (error.state?.code == "42501" ? Self.grants : "")
    case .changed(let version, let name):
      "migration \(version) (\(name)) was applied with another text than this program has: "
        + "use the release that applied it, or restore the migration"
    case .databaseIsNewer(let version):
      "the database has migration \(version), which this program does not know: "
        + "use the newer release"
    case .noSuchRole(let name):
      "there is no role \(name): create it first (CREATE ROLE … LOGIN PASSWORD …)"
    case .locked:
      "another migration is running: try again when it has ended"
    }
  }

  private static let grants =
    "; migrating needs a login with CREATE on the database and CREATEROLE, as its owner often is"
}
