import Postgres

/// A call of `cognito.forget_users`: removes what these rows hold of persons. All of them, or none.
public struct ForgetUsersCall: TableStatement {
  public let sql = """
    SELECT id, outcome FROM cognito.forget_users(
      users => $1::uuid[], keep_sign_ins => $2::boolean, dry_run => $3::boolean)
    """
  public let parameters: [String?]

  /// - Parameter ids: of the users' rows.
  public init(ids: [String], keepsSignIns: Bool, isDryRun: Bool) {
    parameters = [uuidArray(ids), "\(keepsSignIns)", "\(isDryRun)"]
  }

  /// - Returns: by the rows' ids. Where somebody must not be forgotten only these are there, and nothing was done.
  public func answer(in result: QueryResult) throws(PostgresError) -> [String: ForgetOutcome] {
    var outcomes: [String: ForgetOutcome] = [:]
    for row in 0..<result.rowCount {
      guard let id = result.text(row: row, column: 0),
        let outcome = result.text(row: row, column: 1).flatMap(ForgetOutcome.init(rawValue:))
      else { throw .unexpectedAnswer("cognito.forget_users must answer ids and outcomes") }
      outcomes[id] = outcome
    }
    return outcomes
  }
}

/// What became of a row that was to be forgotten.
public enum ForgetOutcome: String, Sendable, CaseIterable {
  /// What it held of the person is gone; of a dry run: would be.
  case forgotten
  /// Nothing was left to forget.
  case unchanged
  /// Refused: it is not marked as deleted.
  case notDeleted = "not_deleted"
  /// Refused: it is not there.
  case unknown

  public var isRefusal: Bool { self == .notDeleted || self == .unknown }
}

/// A call of `cognito.forget_users_deleted_before`: some hundred users at a time, so that nobody waits long for a row.
public struct ForgetDeletedUsersCall: TableStatement {
  public let sql = """
    SELECT cognito.forget_users_deleted_before(
      deleted_before => now() - $1::interval, user_pool_id => $2::text, keep_sign_ins => $3::boolean,
      dry_run => $4::boolean)
    """
  public let parameters: [String?]

  /// - Parameters:
  ///   - age: how long ago users were marked as deleted, at least; in whole seconds.
  ///   - userPoolID: nil for every pool of the table.
  public init(age: Duration, userPoolID: String?, keepsSignIns: Bool, isDryRun: Bool) {
    parameters = [
      "\(age.components.seconds) seconds", userPoolID, "\(keepsSignIns)", "\(isDryRun)",
    ]
  }

  /// - Returns: how many were forgotten, 0 when nobody is left; of a dry run how many there are in all.
  public func answer(in result: QueryResult) throws(PostgresError) -> Int {
    try result.number()
  }
}
