import Postgres

/// Asks whom each live user names by an attribute, as where a pool has moved: `FetchMovedUsers` reads the answer, on the
/// same connection. As the table is now: what changes later is not in it.
///
/// The server keeps the answer until the connection ends, so that each pair can be merged in a transaction of its own.
public struct FindMovedUsers: TableStatement {
  public typealias Answer = Void

  public let sql = """
    DECLARE pooltable_moved_users CURSOR WITH HOLD FOR
    SELECT new_id, old_id, old_sub, was_merged, problem
    FROM cognito.moved_users(attribute => $1::text, new_pool => $2::text, old_pool => $3::text)
    """
  public let parameters: [String?]
  /// There is such a cursor then.
  public let mayBeRepeated = false

  /// - Parameters:
  ///   - attribute: in which users have the `sub` of an old row, as `custom:legacySub`.
  ///   - newPool: whose users name others; nil for every pool of the table.
  ///   - oldPool: whose users are named; nil for every pool of the table.
  public init(by attribute: String, newPool: String?, oldPool: String?) {
    parameters = [attribute, newPool, oldPool]
  }
}

/// Reads the next users, a few hundred; none when all are read.
public struct FetchMovedUsers: TableStatement {
  public let sql = "FETCH 500 FROM pooltable_moved_users"
  /// What an attempt has read is not read again.
  public let mayBeRepeated = false

  public init() {}

  public func answer(in result: QueryResult) throws(PostgresError) -> [MovedUser] {
    try result.map { row throws(PostgresError) in
      let problem = result.text(row: row, column: 4)
      let oldID = result.text(row: row, column: 1)
      let isKnown = problem.map { MovedUser.Problem(rawValue: $0) != nil } ?? (oldID != nil)
      guard isKnown else {
        throw .unexpectedAnswer("cognito.moved_users must answer pairs, or problems that are known")
      }
      return MovedUser(
        id: try result.requiredText(row: row, column: 0), oldID: oldID,
        oldSub: result.text(row: row, column: 2),
        wasMerged: result.text(row: row, column: 3) == "t",
        problem: problem.flatMap(MovedUser.Problem.init(rawValue:)))
    }
  }
}

/// A user who has another's `sub` in an attribute.
public struct MovedUser: Sendable, Equatable {
  /// Why nobody's place is taken.
  public enum Problem: String, Sendable, CaseIterable {
    /// The attribute holds something else.
    case noSub = "no_sub"
    case namesItself = "names_itself"
    /// No row has that `sub`, or none of the pool that was asked for.
    case noRow = "no_row"
    /// Somebody else names the same `sub`.
    case severalNew = "several_new"
    /// Rows of several pools have that `sub`.
    case severalOld = "several_old"
    /// The old user is live, and names somebody as well.
    case oldNames = "old_names"
    /// The new user is named as well.
    case newNamed = "new_named"
  }

  /// Of the row.
  public var id: String
  /// Of the row that is named, of one of them where there are several; nil where there is none.
  public var oldID: String?
  /// Nil where the attribute holds something else.
  public var oldSub: String?
  /// Whether that row has given place to this one before.
  public var wasMerged: Bool
  /// Nil where nothing is in doubt.
  public var problem: Problem?
}
