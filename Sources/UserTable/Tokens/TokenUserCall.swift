import CognitoTriggers
import JSON
import Postgres

/// The row of the user whom a token is about.
public struct TokenUser: Sendable, Equatable {
  /// The row's id.
  public var id: String
  public var isEnabled, isDeleted, isForgotten: Bool
  /// The id of the row that took its place; nil where it was not merged.
  public var mergedInto: String?
  /// What a token would carry now; nil where `cognito.roles_for_token` knows no such user.
  public var roles: [String]?

  /// Whether the user may act.
  public var isLive: Bool { isEnabled && !isDeleted }
}

/// Looks for the user whom a token is about. Needs the owner's login, and writes nothing.
public struct TokenUserCall: TableStatement {
  public let sql = """
    SELECT u.id, u.enabled, u.deleted_at IS NOT NULL, u.forgotten_at IS NOT NULL, u.merged_into,
      array_to_json(cognito.roles_for_token(user_pool_id => u.user_pool_id, sub => u.sub))
    FROM cognito.users AS u WHERE u.user_pool_id = $1::text AND u.sub = $2::uuid
    """
  public let parameters: [String?]

  /// - Parameter user: by the token's claims.
  public init(_ user: UserKey) {
    parameters = [user.userPoolID, user.sub.description]
  }

  /// - Returns: nil where there is no row.
  public func answer(in result: QueryResult) throws(PostgresError) -> TokenUser? {
    guard result.rowCount > 0 else { return nil }
    return TokenUser(
      id: try result.requiredText(), isEnabled: try result.requiredText(column: 1) == "t",
      isDeleted: try result.requiredText(column: 2) == "t",
      isForgotten: try result.requiredText(column: 3) == "t",
      mergedInto: result.text(row: 0, column: 4),
      roles: try TokenContents.roles(result.text(row: 0, column: 5)))
  }
}
