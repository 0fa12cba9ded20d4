import JSON
import Postgres

/// A call of `cognito.roles_for_token`, the function that a team with roles of its own replaces.
public struct RolesForTokenCall: TableStatement {
  /// As JSON, since an array in PostgreSQL's own text form has rules of its own.
  public let sql = """
    SELECT array_to_json(cognito.roles_for_token(user_pool_id => $1::text, sub => $2::uuid))
    """
  public let parameters: [String?]

  /// - Parameter user: whose token it is.
  public init(_ user: UserKey) {
    parameters = [user.userPoolID, user.sub.description]
  }

  /// - Returns: the names of the user's roles; nil where there is no such user.
  public func answer(in result: QueryResult) throws(PostgresError) -> [String]? {
    guard result.rowCount == 1 else { throw Self.unexpectedAnswer }
    return try Self.names(in: result, column: 0)
  }

  /// - Returns: the names in the first row's column, which holds a JSON array; nil for NULL.
  static func names(
    in result: QueryResult, column: Int
  ) throws(PostgresError) -> [String]? {
    guard let text = result.text(row: 0, column: column) else { return nil }
    guard case .array(let values) = try? JSONValue(parsing: Array(text.utf8)) else {
      throw Self.unexpectedAnswer
    }
    let names = values.compactMap(\.string)
    guard names.count == values.count else { throw Self.unexpectedAnswer }
    return names
  }

  private static let unexpectedAnswer = PostgresError.unexpectedAnswer(
    "cognito.roles_for_token must return an array of names, none of them NULL")
}

/// A call of `cognito.sync_user_for_token`: writes the user, and reads the roles for the token, in one round trip.
public struct SyncUserForTokenCall: TableStatement {
  public let sql = Self.statement
  public let parameters: [String?]

  public init(_ user: SyncedUser) { parameters = user.arguments }

  private static let statement = """
    SELECT id, outcome, array_to_json(roles) \
    FROM cognito.sync_user_for_token(\(SyncUserCall.placeholders))
    """

  /// - Returns: what became of the row, and the names of the user's roles; nil where a team's own functions know no
  ///   such user.
  public func answer(
    in result: QueryResult
  ) throws(PostgresError) -> (row: SyncResult, roles: [String]?) {
    guard result.rowCount == 1, let outcome = result.text(row: 0, column: 1) else {
      throw .unexpectedAnswer("cognito.sync_user_for_token must return one record")
    }
    let row = SyncResult(
      id: result.text(row: 0, column: 0), outcome: try SyncUserCall.outcome(named: outcome))
    return (row, try RolesForTokenCall.names(in: result, column: 2))
  }
}
