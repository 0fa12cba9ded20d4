import Postgres

/// The rights of logins that do not own the schema: granted by its own `cognito.grant_handler` and
/// `cognito.grant_reader`.
extension Migrator {
  /// Lets `role` call what the Lambda function calls in this database, and bounds its statements on the server.
  ///
  /// A statement whose client has given up runs until that limit. The limit is set for this database only.
  ///
  /// - Throws: `noSuchRole`, `notGranted`.
  public func grantHandler(to role: String) throws(MigrationError) {
    let names = try quotedNames(role: role)
    do {
      // One script is one transaction.
      try execute(
        """
        CALL cognito.grant_handler(\(names.literal));
        ALTER ROLE \(names.role) IN DATABASE \(names.database) SET statement_timeout = '3s';
        """)
    } catch .database(let error) {
      throw .notGranted(role: role, error)
    }
  }

  /// Lets `role` ask who is asking, and read the users, in this database.
  ///
  /// - Throws: `noSuchRole`, `notGranted`.
  public func grantReader(to role: String) throws(MigrationError) {
    let names = try quotedNames(role: role)
    do {
      try execute("CALL cognito.grant_reader(\(names.literal))")
    } catch .database(let error) {
      throw .notGranted(role: role, error)
    }
  }

  /// - Throws: `noSuchRole`; to be asked before anything is changed.
  public func requireRole(_ role: String) throws(MigrationError) {
    _ = try quotedNames(role: role)
  }

  /// The calls that give everybody who has rights now what a migration adds to them; none where the schema is
  /// not there yet. Each takes the login as its parameter.
  ///
  /// The function's login is who may call `sync_user`. A reader is who may read `users_live` and ask for the
  /// user of a token: each alone may have been granted by hand.
  func callsThatGrantAgain() throws(MigrationError) -> [(sql: String, login: String)] {
    let result = try query(
      """
      SELECT 'CALL cognito.grant_handler($1::name)', r.rolname
      FROM pg_catalog.pg_proc AS p, aclexplode(p.proacl) AS a, pg_catalog.pg_roles AS r
      WHERE p.pronamespace = to_regnamespace('cognito') AND p.proname = 'sync_user'
        AND a.privilege_type = 'EXECUTE' AND a.grantee <> p.proowner AND r.oid = a.grantee
      UNION
      SELECT 'CALL cognito.grant_reader($1::name)', r.rolname
      FROM pg_catalog.pg_class AS c, aclexplode(c.relacl) AS a, pg_catalog.pg_roles AS r
      WHERE c.relnamespace = to_regnamespace('cognito') AND c.relname = 'users_live'
        AND a.privilege_type = 'SELECT' AND a.grantee <> c.relowner AND r.oid = a.grantee
        AND has_function_privilege(r.oid, to_regprocedure('cognito.current_user_id()'), 'EXECUTE')
      """)
    return result.rows.compactMap { row in
      guard let sql = row[0], let login = row[1] else { return nil }
      return (sql, login)
    }
  }

  private func quotedNames(
    role: String
  ) throws(MigrationError) -> (role: String, literal: String, database: String) {
    let names = try query(
      """
      SELECT quote_ident(rolname), quote_literal(rolname), quote_ident(current_database())
      FROM pg_catalog.pg_roles WHERE rolname = $1::text
      """, [role])
    guard let quoted = names.text(row: 0, column: 0), let literal = names.text(row: 0, column: 1),
      let database = names.text(row: 0, column: 2)
    else { throw .noSuchRole(role) }
    return (quoted, literal, database)
  }
}
