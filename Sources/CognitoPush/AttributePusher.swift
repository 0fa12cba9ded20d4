import Clock
import CognitoAPI
import Postgres
import UserTable

/// Gives users their database id as a custom attribute, where the table says that they lack it.
///
/// The table knows an attribute as Cognito last showed it; what is set here is noted there, so that a
/// second run finds nothing to do.
public struct AttributePusher {
  private static let timeout = Duration.seconds(30)
  /// After so many refused users in a row it is the pool: it lacks the attribute, for one.
  private static let patience = 20

  private let connection: Connection
  private let cognito: CognitoClient
  private let attribute: String

  /// - Parameters:
  ///   - connection: of the login that owns the schema.
  ///   - attribute: its full name, as `custom:userId`.
  public init(connection: Connection, cognito: CognitoClient, attribute: String) {
    self.connection = connection
    self.cognito = cognito
    self.attribute = attribute
  }

  /// What a push has done so far, in users.
  public struct Summary: Sendable, Equatable {
    /// Given the attribute.
    public var set = 0
    /// Not set, but only counted.
    public var lacking = 0
    /// Cognito does not have the user, or no longer.
    public var unknown = 0
    /// Cognito refuses the attribute for this user.
    public var refused = 0

    /// - Parameter lacking: users that were only counted.
    public init(lacking: Int = 0) {
      self.lacking = lacking
    }
  }

  /// Goes through all users that are not deleted, once.
  ///
  /// - Parameters:
  ///   - pool: nil for every pool of the table.
  ///   - region: where this runs: users of pools that have a replica there, at most, are left alone; nil: nobody is.
  ///   - mayGoOn: asked before each page and each user.
  ///   - report: called after each user with what was done so far; with its `sub` and Cognito's reason where it was
  ///     refused.
  /// - Returns: what was done.
  /// - Throws: at the first error that is not about one user. Also at the twentieth refusal in a row: then it is the
  ///   pool, which lacks the attribute, for one. What was set until then stays.
  public func push(
    pool: UserPoolID? = nil, from region: String? = nil, mayGoOn: () -> Bool = { true },
    report: (Summary, _ refusal: (sub: String, CognitoError)?) -> Void = { _, _ in }
  ) throws(PushError) -> Summary {
    var summary = Summary()
    var refusals = 0
    var last: String?
    while mayGoOn() {
      let users = try connection.push(
        ListUsersLackingID(as: attribute, inPool: pool?.text, after: last),
        until: .after(Self.timeout))
      guard let lastOfPage = users.last else { break }
      for user in users where mayGoOn() {
        // No call can be made about a pool whose id is none.
        guard let pool = UserPoolID(user.userPoolID),
          region.map(pool.isReplica(in:)) != true
        else { continue }
        let refusal = try push(user, in: pool, &summary)
        refusals = refusal == nil ? 0 : refusals + 1
        report(summary, refusal.map { (user.sub, $0) })
        if let refusal, refusals == Self.patience { throw .cognito(refusal) }
      }
      last = lastOfPage.id
    }
    return summary
  }

  /// How many users of a pool lack it; changes nothing.
  ///
  /// - Throws: `database` only.
  public func count(in pool: UserPoolID) throws(PushError) -> Int {
    try connection.push(
      CountUsersLackingID(as: attribute, inPool: pool.text), until: .after(Self.timeout))
  }

  /// - Returns: why Cognito refuses the attribute for this user, if it does.
  private func push(
    _ user: UserLackingID, in pool: UserPoolID, _ summary: inout Summary
  ) throws(PushError) -> CognitoError? {
    do {
      try cognito.updateAttributes(
        [(attribute, user.id)], of: user.username, in: pool, until: .after(Self.timeout))
    } catch .userNotFound {
      summary.unknown += 1
      return nil
    } catch {
      guard error.isPermanent, error != .resourceNotFound else { throw .cognito(error) }
      summary.refused += 1
      return error
    }
    summary.set += 1
    try connection.push(NoteIDGiven(as: attribute, to: user), until: .after(Self.timeout))
    return nil
  }
}
