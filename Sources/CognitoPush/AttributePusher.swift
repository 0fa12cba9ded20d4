import Clock
import CognitoAPI
import Postgres

/// Gives users their database id as a custom attribute, where the table says that they lack it.
///
/// The table knows an attribute as Cognito last showed it; what is set here is noted there, so that a
/// second run finds nothing to do.
public struct AttributePusher {
  private static let timeout = Duration.seconds(30)
  /// After so many refused users in a row it is the pool: it lacks the attribute, for one.
  private static let patience = 20
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

  public struct Summary: Sendable, Equatable {
    public var set = 0
    /// Not set, since only counted.
    public var lacking = 0
    /// Cognito has no such user (any more).
    public var unknown = 0
    /// Cognito refuses the attribute for this user.
    public var refused = 0

    public init(lacking: Int = 0) {
      self.lacking = lacking
    }
  }

  /// Goes through all users that are not deleted, once.
  ///
  /// - Parameters:
  ///   - pool: nil for every pool of the table.
  ///   - report: called after each user; with its `sub` and Cognito's reason where it was refused.
  /// - Throws: at the first error that is not about one user, or when so many users in a row are refused that it
  ///   is none; what was set until then stays.
  public func push(
    pool: UserPoolID? = nil, mayGoOn: () -> Bool = { true },
    report: (Summary, _ refusal: (sub: String, CognitoError)?) -> Void = { _, _ in }
  ) throws(PushError) -> Summary {
    var summary = Summary()
    var refusals = 0
    // Before every other id.
    var last = "00000000-0000-0000-0000-000000000000"
    while mayGoOn() {
      let rows = try lacking(after: last, in: pool)
      guard let lastOfPage = rows.last?.first ?? nil else { break }
      for user in rows.compactMap(User.init) where mayGoOn() {
        let refusal = try push(user, &summary)
        refusals = refusal == nil ? 0 : refusals + 1
        report(summary, refusal.map { (user.sub, $0) })
        if let refusal, refusals == Self.patience { throw .cognito(refusal) }
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
    var sub: String

    /// - Parameter row: nil where the pool's id is none.
    init?(_ row: [String?]) {
      guard row.count == 4, let id = row[0], let pool = row[1].flatMap({ UserPoolID($0) }),
        let username = row[2], let sub = row[3]
      else { return nil }
      self.sub = sub
      self.id = id
      self.pool = pool
      self.username = username
    }
  }

  /// - Returns: why Cognito refuses the attribute for this user, if it does.
  private func push(_ user: User, _ summary: inout Summary) throws(PushError) -> CognitoError? {
    do {
      try cognito.updateAttributes(
        [(attribute, user.id)], of: user.username, in: user.pool, until: .after(Self.timeout))
    } catch .userNotFound {
      summary.unknown += 1
      return nil
    } catch {
      guard error.isPermanent, error != .resourceNotFound else { throw .cognito(error) }
      summary.refused += 1
      return error
    }
    summary.set += 1
    try connection.pushQuery(
      """
      UPDATE cognito.users
      SET attributes = attributes || jsonb_build_object($2::text, id::text), updated_at = now()
      WHERE id = $1::uuid
      """, [user.id, attribute], until: .after(Self.timeout))
    return nil
  }

  private func lacking(after id: String, in pool: UserPoolID?) throws(PushError) -> [[String?]] {
    try connection.pushQuery(
      """
      SELECT id, user_pool_id, coalesce(username, sub::text), sub FROM cognito.users
      WHERE \(Self.isLacking) AND id > $3::uuid
      ORDER BY id LIMIT $4::integer
      """, [attribute, pool?.text, id, "\(Self.pageSize)"], until: .after(Self.timeout)
    ).rows
  }
}
