import Postgres

/// The rights of the Lambda function's login: granted by the schema's own `cognito.grant_handler`.
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

  /// - Throws: `noSuchRole`; to be asked before anything is changed.
  public func requireRole(_ role: String) throws(MigrationError) {
    _ = try quotedNames(role: role)
  }

  /// Who may call `cognito.sync_user` besides its owner; nobody where it is not there yet.
  func handlerLogins() throws(MigrationError) -> [String] {
    let result = try query(
      """
      SELECT DISTINCT r.rolname
      FROM pg_catalog.pg_proc AS p, aclexplode(p.proacl) AS a, pg_catalog.pg_roles AS r
      WHERE p.pronamespace = to_regnamespace('cognito') AND p.proname = 'sync_user'
        AND a.privilege_type = 'EXECUTE' AND a.grantee <> p.proowner AND r.oid = a.grantee
      """)
    return result.rows.compactMap { $0[0] }
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
