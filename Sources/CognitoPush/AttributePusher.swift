import CognitoAPI
import Deadline
import Postgres

/// Gives users their database id as a custom attribute, where the table says that they lack it.
///
/// The table knows an attribute as Cognito last showed it; what is set here is noted there, so that a
/// second run finds nothing to do.
public struct AttributePusher {
  private static let timeout = Duration.seconds(30)
  /// One page of users, by id.
  private static let pageSize = 200
  /// Whether a user lacks the attribute ($1), in one pool or, where that is null, in any ($2).
  private static let isLacking = """
    deleted_at IS NULL AND attributes ->> $1::text IS DISTINCT FROM id::text
      AND ($2::text IS NULL OR user_pool_id = $2::text)
    """

  private let connection: Connection
  private let cognito: CognitoClient
  private let attribute: String

  /// - Parameter attribute: its full name, as `custom:userId`.
  public init(connection: Connection, cognito: CognitoClient, attribute: String) {
    self.connection = connection
    self.cognito = cognito
    self.attribute = attribute
  }

  public struct Summary: Sendable, Equatable, Encodable {
    public var set = 0
    /// Not set, since only counted.
    public var lacking = 0
    /// Cognito has no such user (any more).
    public var unknown = 0

    public init(lacking: Int = 0) {
      self.lacking = lacking
    }
  }

  /// Goes through all users that are not deleted, once.
  ///
  /// - Parameters:
  ///   - pool: nil for every pool of the table.
  ///   - report: called after each user.
  /// - Throws: at the first error that is not about one user; what was set until then stays.
  public func push(
    pool: UserPoolID? = nil, mayGoOn: () -> Bool = { true },
    report: (Summary) -> Void = { _ in }
  ) throws(PushError) -> Summary {
    var summary = Summary()
    // Before every other id.
    var last = "00000000-0000-0000-0000-000000000000"
    while mayGoOn() {
      let rows = try lacking(after: last, in: pool)
      guard let lastOfPage = rows.last?.first ?? nil else { break }
      for user in rows.compactMap(User.init) where mayGoOn() {
        try push(user, &summary)
        report(summary)
      }
      last = lastOfPage
    }
    return summary
  }

  /// How many users of a pool lack it; changes nothing.
  public func count(in pool: UserPoolID) throws(PushError) -> Int {
    try connection.pushQuery(
      """
      SELECT count(*) FROM cognito.users WHERE \(Self.isLacking)
      """, [attribute, pool.text], until: .after(Self.timeout)
    ).text(row: 0, column: 0).flatMap { Int($0) } ?? 0
  }

  private struct User {
    var id: String
    var pool: UserPoolID
    var username: String

    /// - Parameter row: nil where the pool's id is none.
    init?(_ row: [String?]) {
      guard row.count == 3, let id = row[0], let pool = row[1].flatMap({ UserPoolID($0) }),
        let username = row[2]
      else { return nil }
      self.id = id
      self.pool = pool
      self.username = username
    }
  }

  private func push(_ user: User, _ summary: inout Summary) throws(PushError) {
    do {
      try cognito.updateAttributes(
        [(attribute, user.id)], of: user.username, in: user.pool, until: .after(Self.timeout))
    } catch .userNotFound {
      summary.unknown += 1
      return
    } catch {
      throw .cognito(error)
    }
    summary.set += 1
    try connection.pushQuery(
      """
      UPDATE cognito.users
      SET attributes = attributes || jsonb_build_object($2::text, id::text), updated_at = now()
      WHERE id = $1::uuid
      """, [user.id, attribute], until: .after(Self.timeout))
  }

  private func lacking(after id: String, in pool: UserPoolID?) throws(PushError) -> [[String?]] {
    try connection.pushQuery(
      """
      SELECT id, user_pool_id, coalesce(username, sub::text) FROM cognito.users
      WHERE \(Self.isLacking) AND id > $3::uuid
      ORDER BY id LIMIT $4::integer
      """, [attribute, pool?.text, id, "\(Self.pageSize)"], until: .after(Self.timeout)
    ).rows
  }
}
