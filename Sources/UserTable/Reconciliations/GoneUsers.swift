import Clock
import CognitoTriggers
import Postgres

/// The users of a pool that a run's whole listing did not show, and no trigger has seen since it began.
public struct GoneUsers: Sendable {
  /// The run's id.
  public var runID: String
  /// The pool that was listed.
  public var userPoolID: String
  /// When the listing began.
  public var observedAt: Timestamp

  /// - Parameters:
  ///   - runID: whose sightings count.
  ///   - userPoolID: the pool that was listed.
  ///   - observedAt: when the listing began.
  public init(runID: String, userPoolID: String, observedAt: Timestamp) {
    self.runID = runID
    self.userPoolID = userPoolID
    self.observedAt = observedAt
  }

  fileprivate func parameters(after sub: Sub?) -> [String?] {
    [userPoolID, sub?.description ?? firstUUID, observedAt.rfc3339, runID]
  }

  fileprivate static let condition = """
    u.observed_at < $3::timestamptz AND NOT EXISTS (
      SELECT FROM cognito.reconciliation_sightings AS s
      WHERE s.reconciliation_id = $4::uuid AND s.sub = u.sub)
    """
}

/// Counts the users that are gone, and what they are to be compared with.
public struct CountGoneUsers: TableStatement {
  /// The numbers.
  public struct Answer: Sendable, Equatable {
    /// How many users the run has noted as seen: fewer than it noted where the server crashed.
    public var sightings: Int
    /// Users that would be marked.
    public var gone: Int
    /// All users of the pool that are not marked as deleted.
    public var all: Int
  }

  public let sql = """
    SELECT
      (SELECT count(*) FROM cognito.reconciliation_sightings WHERE reconciliation_id = $4::uuid),
      count(*) FILTER (WHERE \(GoneUsers.condition)), count(*)
    FROM cognito.users AS u
    WHERE u.user_pool_id = $1::text AND u.deleted_at IS NULL AND u.sub >= $2::uuid
    """
  public let parameters: [String?]

  /// - Parameter users: after the whole listing was read.
  public init(_ users: GoneUsers) {
    parameters = users.parameters(after: nil)
  }

  public func answer(in result: QueryResult) throws(PostgresError) -> Answer {
    Answer(
      sightings: try result.number(column: 0), gone: try result.number(column: 1),
      all: try result.number(column: 2))
  }
}

/// Marks a page of the users that are gone as deleted, in the order of their `sub`; or, in a dry run, names them.
public struct MarkGoneUsers: TableStatement {
  /// What became of one of them.
  public struct User: Sendable, Equatable {
    /// Who it is.
    public var sub: Sub
    /// False where somebody else wrote the row meanwhile. In a dry run: true.
    public var isMarked: Bool
  }

  private static let pageSize = 1000

  public let sql: String
  public let parameters: [String?]

  /// - Parameters:
  ///   - sub: `last` of the page before; nil for the first page.
  ///   - isDryRun: whether nothing is written.
  public init(_ users: GoneUsers, after sub: Sub?, isDryRun: Bool) {
    sql = isDryRun ? Self.selection : Self.marking
    parameters = users.parameters(after: sub)
  }

  /// A page of them.
  public struct Answer: Sendable, Equatable {
    /// In the order of their `sub`.
    public var users: [User]
    /// What the next page comes after; nil where this is the last.
    public var last: Sub?
  }

  public func answer(in result: QueryResult) throws(PostgresError) -> Answer {
    let users = try result.map { (row) throws(PostgresError) in
      guard let sub = Sub(try result.requiredText(row: row, column: 0)) else {
        throw .unexpectedAnswer("a sub must be a UUID")
      }
      return User(sub: sub, isMarked: result.text(row: row, column: 1) == "t")
    }
    return Answer(users: users, last: users.count < Self.pageSize ? nil : users.last?.sub)
  }

  private static let gone = """
    SELECT u.id, u.sub FROM cognito.users AS u
    WHERE u.user_pool_id = $1::text AND u.sub > $2::uuid AND u.deleted_at IS NULL AND \(GoneUsers.condition)
    ORDER BY u.sub LIMIT \(pageSize)
    """

  private static let selection = "SELECT sub, true FROM (\(gone)) AS gone ORDER BY sub"

  /// What the row holds was true when the listing began: a late event from before must not undo it.
  private static let marking = """
    WITH gone AS MATERIALIZED (\(gone)), marked AS (
      UPDATE cognito.users AS u
      SET deleted_at = now(), updated_at = now(), observed_at = $3::timestamptz
      FROM gone
      WHERE u.id = gone.id AND u.deleted_at IS NULL AND u.observed_at < $3::timestamptz
      RETURNING u.id)
    SELECT gone.sub, marked.id IS NOT NULL
    FROM gone LEFT JOIN marked ON marked.id = gone.id ORDER BY gone.sub
    """
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
