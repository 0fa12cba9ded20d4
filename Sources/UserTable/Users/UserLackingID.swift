import Postgres

/// A user whose row does not show its own id as the attribute that is to hold it.
public struct UserLackingID: Sendable, Equatable {
  /// The row's id: what the attribute is to hold, and by which pages go on.
  public var id: String
  /// As the row has it; whether it is a valid id is for the call to find out.
  public var userPoolID: String
  /// What Cognito's calls take: the user's name, or its `sub` where no name is known.
  public var username: String
  /// A UUID.
  public var sub: String

  /// Whether a user lacks the attribute ($1), in one pool or, where that is null, in any ($2).
  fileprivate static let condition = """
    deleted_at IS NULL AND attributes ->> $1::text IS DISTINCT FROM id::text
      AND ($2::text IS NULL OR user_pool_id = $2::text)
    """
}

/// A page of the users that lack their id, in the order of their ids.
public struct ListUsersLackingID: TableStatement {
  private static let pageSize = 200

  public let sql = """
    SELECT id, user_pool_id, coalesce(username, sub::text), sub FROM cognito.users
    WHERE \(UserLackingID.condition) AND id > $3::uuid
    ORDER BY id LIMIT $4::integer
    """
  public let parameters: [String?]

  /// - Parameters:
  ///   - attribute: its full name, as `custom:userId`.
  ///   - userPoolID: nil for every pool of the table.
  ///   - id: of the last user of the page before; nil for the first page.
  public init(as attribute: String, inPool userPoolID: String?, after id: String?) {
    parameters = [attribute, userPoolID, id ?? firstUUID, "\(Self.pageSize)"]
  }

  /// - Returns: nobody behind the last page.
  public func answer(in result: QueryResult) throws(PostgresError) -> [UserLackingID] {
    try result.map { (row) throws(PostgresError) in
      UserLackingID(
        id: try result.requiredText(row: row, column: 0),
        userPoolID: try result.requiredText(row: row, column: 1),
        username: try result.requiredText(row: row, column: 2),
        sub: try result.requiredText(row: row, column: 3))
    }
  }
}

/// Counts the users of a pool that lack their id.
public struct CountUsersLackingID: TableStatement {
  public let sql = "SELECT count(*) FROM cognito.users WHERE \(UserLackingID.condition)"
  public let parameters: [String?]

  /// - Parameter attribute: its full name, as `custom:userId`.
  public init(as attribute: String, inPool userPoolID: String) {
    parameters = [attribute, userPoolID]
  }

  /// - Returns: how many.
  public func answer(in result: QueryResult) throws(PostgresError) -> Int {
    try result.number()
  }
}

/// Notes that Cognito has been given a user's id, as the next event would show it.
public struct NoteIDGiven: TableStatement {
  public typealias Answer = Void

  public let sql = """
    UPDATE cognito.users
    SET attributes = attributes || jsonb_build_object($2::text, id::text), updated_at = now()
    WHERE id = $1::uuid
    """
  public let parameters: [String?]

  /// - Parameter attribute: its full name, as `custom:userId`.
  public init(as attribute: String, to user: UserLackingID) {
    parameters = [user.id, attribute]
  }
}
