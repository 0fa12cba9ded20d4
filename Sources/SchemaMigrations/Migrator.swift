import Clock
import Postgres

// The schema `cognito`: the SQL files, and which of them a database has.
//
// A migration is one file and one transaction with its bookkeeping. It waits for nobody's lock for long, so that no
// sign-up waits behind it. Never run by the Lambda function. `schema.sql` is what all of them make, for reading.

/// Applies migrations, each in one transaction with its bookkeeping row.
///
/// Over a direct connection, not through a pooler in transaction mode; never from the Lambda function.
/// Two runs at once take turns by an advisory lock. Where a lock is not to be had at once, a migration is
/// rolled back and tried again, so that it never makes others wait behind it.
public struct Migrator {
  /// Whether a database has a migration.
  public enum State: String, Sendable {
    case applied, pending
  }

  /// How long one statement of a migration may take.
  private static let timeout = Duration.seconds(300)
  /// Any number will do, as long as no other program locks with it: "pooltab" in ASCII.
  private static let lockKey = 0x70_6F6F_6C74_6162

  private let connection: Connection
  private let migrations: [Migration]
  private let lockTimeout: Duration

  /// - Parameter lockTimeout: how long a run tries to get locks, from the first that was refused.
  public init(
    connection: Connection, migrations: [Migration] = Migration.all,
    lockTimeout: Duration = .seconds(300)
  ) {
    self.connection = connection
    self.migrations = migrations
    self.lockTimeout = lockTimeout
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
  /// - Parameters:
  ///   - report: called after each migration that was applied.
  ///   - waiting: called before each pause for a lock.
  /// - Throws: `narrowEncoding` before anything is changed.
  public func migrate(
    report: (Migration) -> Void = { _ in }, waiting: (LockWait) -> Void = { _ in }
  ) throws(MigrationError) {
    if case .narrow(let name) = try encoding() { throw try narrowEncoding(name) }
    var patience = LockPatience(limit: lockTimeout)
    for migration in migrations {
      if try apply(migration, &patience, waiting) { report(migration) }
    }
    // A database of a newer release has all of these and more.
    _ = try status()
  }

  /// What the database can hold.
  public func encoding() throws(MigrationError) -> DatabaseEncoding {
    let result = try query("SELECT getdatabaseencoding()")
    return DatabaseEncoding(name: result.text(row: 0, column: 0) ?? "")
  }

  private func narrowEncoding(_ name: String) throws(MigrationError) -> MigrationError {
    let names = try query(
      "SELECT current_database(), quote_ident(left(current_database(), 58) || '_utf8')")
    return .narrowEncoding(
      name, database: names.text(row: 0, column: 0) ?? "",
      other: names.text(row: 0, column: 1) ?? "")
  }

  /// - Returns: whether it was pending.
  private func apply(
    _ migration: Migration, _ patience: inout LockPatience, _ waiting: (LockWait) -> Void
  ) throws(MigrationError) -> Bool {
    while true {
      do {
        return try attempt(migration)
      } catch {
        guard error.isForWantOfALock else { throw error }
        let holders = try lockHolders()
        guard let (pause, end) = patience.pause() else {
          throw .locked(version: migration.version, name: migration.name, holders)
        }
        waiting(LockWait(migration: migration, holders: holders, end: end))
        Deadline.after(pause).sleep()
      }
    }
  }

  private func attempt(_ migration: Migration) throws(MigrationError) -> Bool {
    // The server's own limit: a statement whose client gave up would go on, and keep its locks.
    try execute(
      """
      BEGIN;
      SET LOCAL lock_timeout = \(LockPatience.lockTimeout.wholeMillisecondsRoundedUp);
      SET LOCAL statement_timeout = \(Self.timeout.wholeMillisecondsRoundedUp);
      """)
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
    try query("SELECT pg_advisory_xact_lock($1::bigint)", ["\(Self.lockKey)"])
    try createBookkeeping()
    guard try !isApplied(migration, try appliedChecksums()) else { return false }
    let grants = try callsThatGrantAgain()
    do {
      try execute(migration.sql)
    } catch .database(let error) {
      throw .failed(version: migration.version, name: migration.name, error)
    }
    for (sql, login) in grants { try query(sql, [login]) }
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

  /// Who may have been in the way of the attempt that was just rolled back: the sessions whose transactions
  /// are older than it and lock a table of the schema, and another run of this program.
  private func lockHolders() throws(MigrationError) -> [LockHolder] {
    let result = try query(
      """
      SELECT l.pid, a.usename, a.application_name, a.state,
        (extract(epoch FROM a.xact_start) * 1000000)::bigint,
        string_agg(DISTINCT quote_ident(n.nspname) || '.' || quote_ident(c.relname), ', ')
      FROM pg_catalog.pg_locks AS l
      LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
      LEFT JOIN pg_catalog.pg_class AS c ON l.locktype = 'relation' AND c.oid = l.relation
      LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      WHERE l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
        AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
        AND CASE l.locktype
          WHEN 'relation' THEN n.nspname = 'cognito' AND c.relkind IN ('r', 'p')
            AND coalesce(a.xact_start < clock_timestamp() - $2::interval, true)
          WHEN 'advisory' THEN l.objsubid = 1
            AND (l.classid::bigint << 32) | l.objid::bigint = $1::bigint
        END
      GROUP BY l.pid, a.usename, a.application_name, a.state, a.xact_start
      ORDER BY a.xact_start NULLS LAST, l.pid LIMIT 5
      """, ["\(Self.lockKey)", "\(LockPatience.lockTimeout.wholeMillisecondsRoundedUp) ms"])
    return result.rows.map { row in
      LockHolder(
        pid: row[0].flatMap { Int($0) }, user: row[1], application: row[2], state: row[3],
        since: row[4].flatMap { Int64($0) }.map { Timestamp(microsecondsSinceEpoch: $0) },
        tables: row[5] ?? "")
    }
  }

  @discardableResult
  func query(
    _ sql: String, _ parameters: [String?] = []
  ) throws(MigrationError) -> QueryResult {
    do {
      return try connection.query(sql, parameters, until: .after(Self.timeout))
    } catch {
      throw .database(error)
    }
  }

  func execute(_ script: String) throws(MigrationError) {
    do {
      try connection.execute(script: script, until: .after(Self.timeout))
    } catch {
      throw .database(error)
    }
  }
}
