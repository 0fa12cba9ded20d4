import Postgres

/// What an SQLSTATE means for this program, in one table. What passes by itself `SQLState` knows, whatever the
/// program.
///
/// Source: PostgreSQL documentation, appendix A "PostgreSQL Error Codes".
struct SQLStateMeaning: Sendable, Equatable {
  var failureClass: FailureClass
  /// Whether the same statement may succeed on a fresh connection within a second or two: what passes by itself, but
  /// for what takes longer.
  var isWorthAnotherAttempt = false
  /// Whether the next statement may use the connection: after a lost lock or a bad value it is as good as before.
  ///
  /// After all else it may not be: a server that has become read-only, for one, calls for looking the host up again.
  var keepsConnection: Bool
  /// What an operator can do about it, where the code alone tells; nil elsewhere.
  var remedy: String?

  private let passesLate: Bool

  private init(
    _ failureClass: FailureClass, keeps keepsConnection: Bool = false,
    late passesLate: Bool = false,
    _ remedy: String? = nil
  ) {
    self.failureClass = failureClass
    self.passesLate = passesLate
    self.keepsConnection = keepsConnection
    self.remedy = remedy
  }

  /// - Parameter state: of a refused connection, or of a statement that failed.
  init(_ state: SQLState) {
    self =
      switch (state.code, state.errorClass) {
      // connection_exception
      case (_, "08"): .init(.connection)
      // data_exception, integrity_constraint_violation
      case (_, "22"), (_, "23"): .init(.other, keeps: true)
      // read_only_sql_transaction. A failover takes longer than an event may.
      case ("25006", _): .init(.readOnly, late: true, Self.readOnly)
      // invalid_authorization_specification, invalid_password
      case ("28000", _), ("28P01", _): .init(.authentication, Self.refusedLogin)
      case (_, "28"): .init(.authentication)
      // invalid_catalog_name
      case ("3D000", _): .init(.schema, Self.noDatabase)
      // invalid_schema_name, undefined_table, undefined_function
      case ("3F000", _), ("42P01", _), ("42883", _): .init(.schema, Self.oldSchema)
      // undefined_column, datatype_mismatch
      case (_, "3D"), (_, "3F"), ("42703", _), ("42804", _): .init(.schema)
      // serialization_failure, deadlock_detected
      case ("40001", _), ("40P01", _): .init(.lock, keeps: true)
      // insufficient_privilege
      case ("42501", _): .init(.permission, Self.missingGrant)
      // disk_full
      case ("53100", _): .init(.capacity, "the server's disk is full: make room, or let it grow")
      // too_many_connections
      case ("53300", _): .init(.capacity, Self.tooManyConnections)
      // insufficient_resources
      case (_, "53"): .init(.capacity)
      // lock_not_available: the function's lock_timeout
      case ("55P03", _): .init(.lock, keeps: true, Self.heldLock)
      // query_canceled: the budget is spent by then.
      case ("57014", _): .init(.timeout, late: true, Self.statementTimeout)
      // admin_shutdown, crash_shutdown, cannot_connect_now
      case ("57P01", _), ("57P02", _), ("57P03", _): .init(.connection, Self.restart)
      // io_error
      case ("58030", _): .init(.other)
      default: .init(.other)
      }
    isWorthAnotherAttempt = state.mayPass && !passesLate
  }

  private static let readOnly =
    "the server is read-only: point the connection at the primary (target_session_attrs=read-write)"
  private static let refusedLogin =
    "check the user and the password of the connection, and pg_hba.conf; with IAM "
    + "authentication the login's grant of rds_iam, and the permission rds-db:connect"
  private static let noDatabase =
    "the database does not exist: check its name in the connection, or create it"
  private static let oldSchema =
    "the schema is missing or older than this program: run 'pooltable migrate'"
  private static let missingGrant =
    "the login lacks a grant: run 'pooltable migrate --handler-role LOGIN', for AppSync's function --reader-role LOGIN"
  private static let tooManyConnections =
    "too many connections: put RDS Proxy or PgBouncer in front, or limit the concurrency"
  private static let heldLock =
    "another transaction held the row's lock too long: look for long transactions on cognito.users"
  private static let statementTimeout =
    "the statement ran into statement_timeout: look at the server's load"
  private static let restart =
    "the server is stopping or starting: it heals by itself"
}
