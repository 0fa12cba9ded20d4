import Clock
import CognitoTriggers
import Postgres

/// The users of a pool that a run's whole listing did not show, and no trigger has written since, or shortly before,
/// it began.
public struct MissingUsers: Sendable {
  /// The run's id.
  public var runID: String
  /// The pool that was listed.
  public var userPoolID: String
  /// When the listing began.
  public var observedAt: Timestamp
  /// How long before that a trigger's word still stands.
  public var settle: Duration

  /// - Parameters:
  ///   - runID: whose sightings count.
  ///   - userPoolID: the pool that was listed.
  ///   - observedAt: when the listing began.
  ///   - settle: how long before that a trigger's word still stands.
  public init(runID: String, userPoolID: String, observedAt: Timestamp, settle: Duration) {
    self.runID = runID
    self.userPoolID = userPoolID
    self.observedAt = observedAt
    self.settle = settle
  }

  fileprivate func parameters(after sub: Sub?) -> [String?] {
    [
      userPoolID, sub?.description ?? firstUUID, observedAt.advanced(by: .zero - settle).rfc3339,
      runID,
    ]
  }

  fileprivate static let condition = """
    u.observed_at < $3::timestamptz AND NOT EXISTS (
      SELECT FROM cognito.reconciliation_sightings AS s
      WHERE s.reconciliation_id = $4::uuid AND s.sub = u.sub)
    """
}

/// Counts the users that are missing, and what they are to be compared with.
public struct CountMissingUsers: TableStatement {
  /// The numbers.
  public struct Answer: Sendable, Equatable {
    /// How many users the run has noted as seen: fewer than it noted where the server crashed.
    public var sightings: Int
    /// Users that may be gone.
    public var missing: Int
    /// All users of the pool that are not marked as deleted.
    public var all: Int
  }

  public let sql = """
    SELECT
      (SELECT count(*) FROM cognito.reconciliation_sightings WHERE reconciliation_id = $4::uuid),
      count(*) FILTER (WHERE \(MissingUsers.condition)), count(*)
    FROM cognito.users AS u
    WHERE u.user_pool_id = $1::text AND u.deleted_at IS NULL AND u.sub >= $2::uuid
    """
  public let parameters: [String?]

  /// - Parameter users: after the whole listing was read.
  public init(_ users: MissingUsers) {
    parameters = users.parameters(after: nil)
  }

  public func answer(in result: QueryResult) throws(PostgresError) -> Answer {
    Answer(
      sightings: try result.number(column: 0), missing: try result.number(column: 1),
      all: try result.number(column: 2))
  }
}

/// A user whom no listing showed.
public struct MissingUser: Sendable, Equatable {
  public var sub: Sub
  /// Nil where nothing has ever said it.
  public var userName: String?

  public init(sub: Sub, userName: String?) {
    self.sub = sub
    self.userName = userName
  }
}

/// Lists a page of the users that are missing, in the order of their `sub`.
public struct ListMissingUsers: TableStatement {
  private static let pageSize = 1000

  public let sql = Self.statement
  public let parameters: [String?]

  private static let statement = """
    SELECT u.sub, u.username FROM cognito.users AS u
    WHERE u.user_pool_id = $1::text AND u.sub > $2::uuid AND u.deleted_at IS NULL AND \(MissingUsers.condition)
    ORDER BY u.sub LIMIT \(pageSize)
    """

  /// - Parameter sub: of the last user of the page before; nil for the first page.
  public init(_ users: MissingUsers, after sub: Sub?) {
    parameters = users.parameters(after: sub)
  }

  /// A page of them.
  public struct Answer: Sendable, Equatable {
    /// In the order of their `sub`.
    public var users: [MissingUser]
    /// What the next page comes after; nil where this is the last.
    public var last: Sub?
  }

  public func answer(in result: QueryResult) throws(PostgresError) -> Answer {
    let users = try result.map { (row) throws(PostgresError) in
      guard let sub = Sub(try result.requiredText(row: row, column: 0)) else {
        throw .unexpectedAnswer("a sub must be a UUID")
      }
      return MissingUser(sub: sub, userName: result.text(row: row, column: 1))
    }
    return Answer(users: users, last: users.count < Self.pageSize ? nil : users.last?.sub)
  }
}

/// Counts the users of a pool that are not marked as deleted.
public struct CountUsers: TableStatement {
  public let sql =
    "SELECT count(*) FROM cognito.users WHERE user_pool_id = $1::text AND deleted_at IS NULL"
  public let parameters: [String?]

  /// - Parameter userPoolID: the pool's id.
  public init(ofPool userPoolID: String) {
    parameters = [userPoolID]
  }

  public func answer(in result: QueryResult) throws(PostgresError) -> Int {
    try result.number()
  }
}
