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
