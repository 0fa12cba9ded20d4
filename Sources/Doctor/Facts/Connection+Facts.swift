import Clock
import Postgres

/// What the server says about itself, the schema and a login. Reads the catalogs, which every login may.
extension Connection {
  func currentUser(until deadline: Deadline) throws(PostgresError) -> String {
    try query("SELECT current_user", until: deadline).text(row: 0, column: 0) ?? ""
  }

  func servingPID(until deadline: Deadline) throws(PostgresError) -> Int {
    try number("SELECT pg_backend_pid()", until: deadline)
  }

  func serverFacts(until deadline: Deadline) throws(PostgresError) -> ServerChecks.Server {
    let result = try query(
      """
      SELECT current_setting('server_version_num'), getdatabaseencoding(),
        pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on'
      """, until: deadline)
    guard let version = result.text(row: 0, column: 0).flatMap({ Int($0) }) else {
      throw .unexpectedAnswer("no server version")
    }
    return ServerChecks.Server(
      versionNumber: version, isReadOnly: result.text(row: 0, column: 2) == "t",
      encoding: result.text(row: 0, column: 1) ?? "")
  }

  /// Nil where there is no schema `cognito`.
  func schemaFunctions(until deadline: Deadline) throws(PostgresError) -> Set<String>? {
    let rows = try query(
      """
      SELECT p.proname
      FROM pg_catalog.pg_namespace AS n LEFT JOIN pg_catalog.pg_proc AS p ON p.pronamespace = n.oid
      WHERE n.nspname = 'cognito'
      """, until: deadline
    ).rows
    return rows.isEmpty ? nil : Set(rows.compactMap { $0.first.flatMap(\.self) })
  }

  /// How far the server's clock is ahead of this machine's; the way there counts as half of the round trip.
  func clockOffset(until deadline: Deadline) throws(PostgresError) -> Duration {
    let (sent, start) = (Timestamp.now(), Instant.now())
    let time = try number(
      "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint", until: deadline)
    return sent.advanced(by: start.elapsed / 2)
      .duration(to: Timestamp(microsecondsSinceEpoch: Int64(time)))
  }

  /// - Parameter role: nil for the login of this connection.
  /// - Returns: nil where there is no such role.
  func rights(
    of role: String?, until deadline: Deadline
  ) throws(PostgresError) -> LoginCheck.Rights? {
    let result = try query(
      """
      SELECT r.rolname, r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb, r.rolreplication,
        pg_has_role(r.oid, n.nspowner, 'MEMBER'), has_schema_privilege(r.oid, n.oid, 'USAGE'),
        CASE
          WHEN $1::name IS NULL THEN (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'statement_timeout')
          WHEN NOT EXISTS (
            SELECT FROM pg_catalog.pg_db_role_setting AS s, unnest(s.setconfig) AS setting
            WHERE s.setrole = r.oid AND setting ~ '^statement_timeout=[^0]'
              AND (s.setdatabase = 0 OR s.setdatabase = (
                SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
          ) THEN '0'
        END
      FROM pg_catalog.pg_roles AS r, pg_catalog.pg_namespace AS n
      WHERE r.rolname = coalesce($1::name, current_user) AND n.nspname = 'cognito'
      """, [role], until: deadline)
    guard let login = result.text(row: 0, column: 0) else { return nil }
    let names = ["SUPERUSER", "BYPASSRLS", "CREATEROLE", "CREATEDB", "REPLICATION"]
    return LoginCheck.Rights(
      login: login,
      attributes: names.enumerated().filter { result.text(row: 0, column: $0.offset + 1) == "t" }
        .map(\.element),
      ownsSchema: result.text(row: 0, column: 6) == "t",
      mayUseSchema: result.text(row: 0, column: 7) == "t",
      functions: Set(try callableFunctions(of: login, until: deadline)),
      tables: try tableRights(of: login, until: deadline),
      statementTimeout: result.text(row: 0, column: 8).flatMap { Int($0) })
  }

  private func callableFunctions(
    of login: String, until deadline: Deadline
  ) throws(PostgresError) -> [String] {
    try query(
      """
      SELECT DISTINCT p.proname FROM pg_catalog.pg_proc AS p
      WHERE p.pronamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'cognito')
        AND has_function_privilege($1::name, p.oid, 'EXECUTE')
      """, [login], until: deadline
    ).rows.compactMap { $0.first.flatMap(\.self) }
  }

  /// `relation privilege`, also where it is one column's only.
  private func tableRights(
    of login: String, until deadline: Deadline
  ) throws(PostgresError) -> [String] {
    try query(
      """
      SELECT c.relname || ' ' || privilege
      FROM pg_catalog.pg_class AS c,
        unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege
      WHERE c.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'cognito')
        AND c.relkind IN ('r', 'v', 'm', 'p', 'f') AND (
          has_table_privilege($1::name, c.oid, privilege)
          OR privilege IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
            AND has_any_column_privilege($1::name, c.oid, privilege))
      ORDER BY c.relname, privilege
      """, [login], until: deadline
    ).rows.compactMap { $0.first.flatMap(\.self) }
  }

  private func number(_ sql: String, until deadline: Deadline) throws(PostgresError) -> Int {
    guard let number = try query(sql, until: deadline).text(row: 0, column: 0).flatMap({ Int($0) })
    else { throw .unexpectedAnswer("no number") }
    return number
  }
}
