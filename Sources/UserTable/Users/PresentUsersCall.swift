import JSON
import Postgres

/// Which of some users a pool has, or has had, as far as the table knows.
public struct PresentUsersCall: TableStatement {
  public let sql: String
  public let parameters: [String?]

  /// By an attribute that says who they are elsewhere.
  public init(_ values: [String], ofAttribute attribute: String, userPoolID: String) {
    sql = """
      SELECT DISTINCT value FROM json_array_elements_text($2::json) AS value \
      JOIN cognito.users ON attributes ->> $3::text = value WHERE user_pool_id = $1::text
      """
    parameters = [userPoolID, values.jsonText, attribute]
  }

  /// By what they sign in with: a name, or an address.
  public init(names: [String], userPoolID: String) {
    sql = """
      SELECT name FROM json_array_elements_text($2::json) AS name \
      JOIN cognito.users ON username = name WHERE user_pool_id = $1::text \
      UNION SELECT name FROM json_array_elements_text($2::json) AS name \
      JOIN cognito.users ON lower(email::text) = lower(name) WHERE user_pool_id = $1::text
      """
    parameters = [userPoolID, names.jsonText]
  }

  public func answer(in result: QueryResult) throws(PostgresError) -> Set<String> {
    Set(try result.map { (row) throws(PostgresError) in try result.requiredText(row: row) })
  }
}
