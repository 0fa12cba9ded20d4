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
      SELECT r.rolname, pg_has_role(r.oid, n.nspowner, 'MEMBER'), has_schema_privilege(r.oid, n.oid, 'USAGE'),
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
    var roles = try powerfulRoles(of: login, until: deadline)
    let own = roles.firstIndex { $0.name == login }.map { roles.remove(at: $0) }
    let functions = try functions(of: login, until: deadline)
    return LoginCheck.Rights(
      login: login, attributes: own?.attributes ?? [], roles: roles,
      ownsSchema: result.text(row: 0, column: 1) == "t",
      mayUseSchema: result.text(row: 0, column: 2) == "t",
      createsIn: try placesToCreate(of: login, until: deadline), functions: functions.callable,
      functionsByRole: functions.byRole, tables: try tableRights(of: login, until: deadline),
      statementTimeout: result.text(row: 0, column: 3).flatMap { Int($0) })
  }

  /// Those that are more than nothing, of the login itself and of every role that it is in, through others too, and
  /// whether it inherits from them or has to say SET ROLE. All roles are a superuser's, who is told alone.
  private func powerfulRoles(
    of login: String, until deadline: Deadline
  ) throws(PostgresError) -> [LoginCheck.Role] {
    try query(
      """
      SELECT m.rolname, array_to_string(ARRAY[
        CASE WHEN m.rolsuper THEN 'SUPERUSER' END, CASE WHEN m.rolbypassrls THEN 'BYPASSRLS' END,
        CASE WHEN m.rolcreaterole THEN 'CREATEROLE' END, CASE WHEN m.rolcreatedb THEN 'CREATEDB' END,
        CASE WHEN m.rolreplication THEN 'REPLICATION' END], ',') AS attributes
      FROM pg_catalog.pg_roles AS m, pg_catalog.pg_roles AS r
      WHERE r.rolname = $1::name AND (m.oid = r.oid OR NOT r.rolsuper AND pg_has_role(r.oid, m.oid, 'MEMBER'))
        AND (m.rolsuper OR m.rolbypassrls OR m.rolcreaterole OR m.rolcreatedb OR m.rolreplication
          OR m.rolname = ANY (string_to_array($2, ',')))
      ORDER BY m.rolname
      """, [login, LoginCheck.predefinedRoles.joined(separator: ",")], until: deadline
    ).rows.map { row in
      let texts = row.map { $0 ?? "" }
      return LoginCheck.Role(
        name: texts.first ?? "",
        attributes: texts.last?.split(separator: ",").map { String($0) } ?? [])
    }
  }

  /// Of the schema and the database, where it may make objects of its own.
  private func placesToCreate(
    of login: String, until deadline: Deadline
  ) throws(PostgresError) -> [String] {
    try query(
      """
      \(Self.withReachableRoles)
      SELECT 'SCHEMA cognito' WHERE EXISTS (SELECT FROM reachable WHERE has_schema_privilege(oid, 'cognito', 'CREATE'))
      UNION ALL SELECT 'DATABASE ' || quote_ident(current_database())
      WHERE EXISTS (SELECT FROM reachable WHERE has_database_privilege(oid, current_database(), 'CREATE'))
      """, [login], until: deadline
    ).rows.compactMap { $0.first.flatMap(\.self) }
  }

  /// The functions that it may call as it is, and those that it may call by SET ROLE only.
  private func functions(
    of login: String, until deadline: Deadline
  ) throws(PostgresError) -> (callable: Set<String>, byRole: Set<String>) {
    let rows = try query(
      """
      \(Self.withReachableRoles)
      SELECT p.proname, bool_or(has_function_privilege($1::name, p.oid, 'EXECUTE')) FROM pg_catalog.pg_proc AS p
      WHERE p.pronamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'cognito')
        AND EXISTS (SELECT FROM reachable WHERE has_function_privilege(oid, p.oid, 'EXECUTE'))
      GROUP BY p.proname
      """, [login], until: deadline
    ).rows
    func names(_ isCallable: String) -> Set<String> {
      Set(rows.filter { $0.last == isCallable }.compactMap { $0.first.flatMap(\.self) })
    }
    return (names("t"), names("f"))
  }

  /// The login `$1` and every role that it is in, whether it inherits from them or not.
  private static let withReachableRoles =
    "WITH reachable AS MATERIALIZED (SELECT oid FROM pg_catalog.pg_roles WHERE pg_has_role($1::name, oid, 'MEMBER'))"

  /// `relation privilege`, also where it is one column's only.
  private func tableRights(
    of login: String, until deadline: Deadline
  ) throws(PostgresError) -> [String] {
    try query(
      """
      \(Self.withReachableRoles)
      SELECT c.relname || ' ' || privilege
      FROM pg_catalog.pg_class AS c,
        unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege
      WHERE c.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'cognito')
        AND c.relkind IN ('r', 'v', 'm', 'p', 'f') AND EXISTS (
          SELECT FROM reachable
          WHERE has_table_privilege(reachable.oid, c.oid, privilege)
            OR privilege IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
              AND has_any_column_privilege(reachable.oid, c.oid, privilege))
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
