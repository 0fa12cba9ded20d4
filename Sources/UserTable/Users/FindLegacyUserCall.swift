import Clock
import Postgres

/// How often a password may be tried for one user.
public struct AttemptLimit: Sendable, Equatable {
  /// How many attempts, from 1.
  public var count: Int
  /// From the first of them.
  public var window: Duration

  /// - Parameters: as the properties of the same names.
  public init(count: Int, window: Duration) {
    self.count = count
    self.window = window
  }
}

/// A user of the table that a team had before Cognito.
public struct LegacyUser: Sendable, Equatable {
  /// Whether the password may be tried.
  public var mayTry: Bool
  /// As the old software keeps it; nil: nobody of that name.
  public var passwordHash: String?
  /// The text of a JSON value, as the team's function answers; nil where it gives none.
  public var attributes: String?
  /// The name at Cognito where it is not what was typed.
  public var newUserName: String?
}

/// A call of `cognito.find_legacy_user`, which asks the function that a team replaces, and counts the attempt: twice where
/// the connection broke in between.
public struct FindLegacyUserCall: TableStatement {
  public let sql = """
    SELECT may_try, password_hash, attributes, new_username \
    FROM cognito.find_legacy_user($1::text, $2::text, $3::integer, make_interval(secs => $4::float8))
    """
  public let parameters: [String?]

  /// - Parameters:
  ///   - userName: as somebody typed it.
  ///   - limit: nil where no password is tried.
  public init(userName: String, inPool userPoolID: String, limit: AttemptLimit?) {
    parameters = [
      userPoolID, userName, limit.map { "\($0.count)" },
      limit.map { "\($0.window.components.seconds)" },
    ]
  }

  public func answer(in result: QueryResult) throws(PostgresError) -> LegacyUser {
    guard result.rowCount == 1 else {
      throw .unexpectedAnswer("cognito.find_legacy_user must return one record")
    }
    return LegacyUser(
      mayTry: result.text(row: 0, column: 0) == "t",
      passwordHash: result.text(row: 0, column: 1), attributes: result.text(row: 0, column: 2),
      newUserName: result.text(row: 0, column: 3))
  }
}
