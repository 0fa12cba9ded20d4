import Postgres

/// A call of `cognito.claim_role_changes`: the user whose changes have waited longest, locked until the caller's
/// transaction ends.
public struct ClaimRoleChangesCall: TableStatement {
  public let sql = """
    SELECT user_pool_id, sub, username, group_name, wanted, attempts, changes,
      addition_failed
    FROM cognito.claim_role_changes(region => $1::text, refused_pools => $2::text[])
    """
  public let parameters: [String?]

  /// To be run in a transaction, which holds the lock.
  ///
  /// - Parameters:
  ///   - region: of the caller, which leaves users of other regions' pools alone; nil: takes any user.
  ///   - pools: the ids of those whose users are left alone, too.
  public init(in region: String? = nil, except pools: [String] = []) {
    var refused = ArrayLiteral()
    for pool in pools { refused.append(pool) }
    parameters = [region, refused.text]
  }

  /// - Returns: nil where nothing is due.
  public func answer(in result: QueryResult) throws(PostgresError) -> ClaimedUser? {
    var user: ClaimedUser?
    for row in result.rows {
      guard row.count == 8, let userPoolID = row[0], let sub = row[1], let username = row[2],
        let group = row[3], let wanted = row[4], let attempts = row[5].flatMap({ Int($0) }),
        let changes = row[6]
      else { throw .unexpectedAnswer("cognito.claim_role_changes must return 8 values") }
      var claimed =
        user
        ?? ClaimedUser(userPoolID: userPoolID, sub: sub, username: username, memberships: [])
      claimed.memberships.append(
        WantedMembership(
          group: group, isWanted: wanted == "t", attempts: attempts, changes: changes))
      claimed.hasFailedAddition = row[7] == "t"
      user = claimed
    }
    return user
  }
}

/// One user of the outbox, locked until the transaction ends, with what the tables want of its groups.
public struct ClaimedUser: Sendable, Equatable {
  /// As the row has it; whether it is a valid id is for the call to find out.
  public var userPoolID: String
  /// A UUID.
  public var sub: String
  /// What Cognito's calls take: the user's name, or its `sub` where no name is known.
  public var username: String
  /// In the order of their changes; never none.
  public var memberships: [WantedMembership]
  /// Whether an earlier addition to a group that a role still asks for is kept with its error.
  public var hasFailedAddition = false
}

/// One group of a claimed user.
public struct WantedMembership: Sendable, Equatable {
  /// Its name in Cognito.
  public var group: String
  /// Whether the user has a role of that name now; what the change was no longer matters.
  public var isWanted: Bool
  /// How often it has been tried without success.
  public var attempts: Int
  /// The outbox's rows that it settles: PostgreSQL's text of a `bigint[]`.
  public var changes: String
}
