import Deadline
import Postgres

/// Applies migrations, each in one transaction with its bookkeeping row.
///
/// Over a direct connection, not through a pooler in transaction mode; never from the Lambda function.
/// Two runs at once take turns by an advisory lock.
public struct Migrator {
  public enum State: String, Sendable {
    case applied, pending
  }

  /// How long one migration may take, the wait for another run included.
  private static let timeout = Duration.seconds(300)
  /// Any number will do, as long as no other program locks with it: "pooltab" in ASCII.
  private static let lockKey = 0x70_6F6F_6C74_6162

  private let connection: Connection
  private let migrations: [Migration]

  public init(connection: Connection, migrations: [Migration] = Migration.all) {
    self.connection = connection
    self.migrations = migrations
  }

  /// Which migrations are applied; changes nothing.
  public func status() throws(MigrationError) -> [(migration: Migration, state: State)] {
    let checksums = try appliedChecksums()
    var states: [(Migration, State)] = []
    for migration in migrations {
      states.append((migration, try isApplied(migration, checksums) ? .applied : .pending))
    }
    return states
  }

  /// Applies what is pending.
  /// - Parameter report: called after each migration that was applied.
  public func migrate(report: (Migration) -> Void = { _ in }) throws(MigrationError) {
    for migration in migrations where try apply(migration) { report(migration) }
    // A database of a newer release has all of these and more.
    _ = try status()
  }

  /// Lets `role` call `cognito.sync_user`, and bounds its statements on the server.
  ///
  /// A statement whose client gave up goes on until then. The limit is set for this database only.
  public func grantHandler(to role: String) throws(MigrationError) {
    let (role, database) = try quotedNames(role: role)
    // One script is one transaction.
    try execute(
      """
      GRANT cognito_handler TO \(role);
      ALTER ROLE \(role) IN DATABASE \(database) SET statement_timeout = '3s';
      """)
  }

  /// - Throws: `noSuchRole`; to be asked before anything is changed.
  public func requireRole(_ role: String) throws(MigrationError) {
    _ = try quotedNames(role: role)
  }

  private func quotedNames(
    role: String
  ) throws(MigrationError) -> (role: String, database: String) {
    let names = try query(
      """
      SELECT quote_ident(rolname), quote_ident(current_database())
      FROM pg_catalog.pg_roles WHERE rolname = $1::text
      """, [role])
    guard let quoted = names.text(row: 0, column: 0), let database = names.text(row: 0, column: 1)
    else { throw .noSuchRole(role) }
    return (quoted, database)
  }

  /// - Returns: whether it was pending.
  private func apply(_ migration: Migration) throws(MigrationError) -> Bool {
    try execute("BEGIN")
    do {
      let isApplied = try lockAndApply(migration)
      try execute("COMMIT")
      return isApplied
    } catch {
      // Where this fails the connection is gone, and the transaction with it.
      _ = try? execute("ROLLBACK")
      throw error
    }
  }

  private func lockAndApply(_ migration: Migration) throws(MigrationError) -> Bool {
    do {
      try query("SELECT pg_advisory_xact_lock($1::bigint)", ["\(Self.lockKey)"])
    } catch .database(.timedOut) {
      throw .locked
    }
    try createBookkeeping()
    guard try !isApplied(migration, try appliedChecksums()) else { return false }
    do {
      try execute(migration.sql)
    } catch .database(let error) {
      throw .failed(version: migration.version, name: migration.name, error)
    }
    // In full: the script may have set a search_path for the rest of its transaction.
    try query(
      """
      INSERT INTO cognito.schema_migrations (version, name, checksum)
      VALUES ($1::integer, $2::text, $3::text)
      """, ["\(migration.version)", migration.name, try checksum(of: migration)])
    return true
  }

  /// Asks first: a login that may not create a schema can still use one that is there.
  private func createBookkeeping() throws(MigrationError) {
    guard try !hasBookkeeping() else { return }
    do {
      try execute(
        """
        CREATE SCHEMA IF NOT EXISTS cognito;
        CREATE TABLE cognito.schema_migrations (
          version     integer PRIMARY KEY,
          name        text NOT NULL,
          checksum    text NOT NULL,
          applied_at  timestamptz NOT NULL DEFAULT now()
        );
        """)
    } catch .database(let error) {
      throw .failed(version: 0, name: "schema cognito", error)
    }
  }

  private func hasBookkeeping() throws(MigrationError) -> Bool {
    try query("SELECT to_regclass('cognito.schema_migrations') IS NOT NULL")
      .text(row: 0, column: 0) == "t"
  }

  private func appliedChecksums() throws(MigrationError) -> [Int: String] {
    guard try hasBookkeeping() else { return [:] }
    var checksums: [Int: String] = [:]
    for row in try query("SELECT version, checksum FROM cognito.schema_migrations").rows {
      guard let version = row[0].flatMap({ Int($0) }), let checksum = row[1] else { continue }
      checksums[version] = checksum
    }
    let known = Set(migrations.map(\.version))
    if let unknown = checksums.keys.filter({ !known.contains($0) }).max() {
      throw .databaseIsNewer(version: unknown)
    }
    return checksums
  }

  private func isApplied(
    _ migration: Migration, _ checksums: [Int: String]
  ) throws(MigrationError) -> Bool {
    guard let applied = checksums[migration.version] else { return false }
    guard try applied == checksum(of: migration) else {
      throw .changed(version: migration.version, name: migration.name)
    }
    return true
  }

  /// SHA-256 in hexadecimal, computed by the server: one library less here.
  private func checksum(of migration: Migration) throws(MigrationError) -> String {
    let result = try query(
      "SELECT encode(sha256(convert_to($1::text, 'UTF8')), 'hex')", [migration.sql])
    guard let checksum = result.text(row: 0, column: 0) else {
      throw .database(.unexpectedAnswer("no checksum"))
    }
    return checksum
  }

  @discardableResult
  private func query(
    _ sql: String, _ parameters: [String?] = []
  ) throws(MigrationError) -> QueryResult {
    do {
      return try connection.query(sql, parameters, until: .after(Self.timeout))
    } catch {
      throw .database(error)
    }
  }

  private func execute(_ script: String) throws(MigrationError) {
    do {
      try connection.execute(script: script, until: .after(Self.timeout))
    } catch {
      throw .database(error)
    }
  }
}
