import Clock
import Postgres

/// `cognito.role_outbox`, through the functions that the Lambda function's login may call as well.
///
/// Claiming locks rows until the end of a transaction: the connection must be direct, or pooled by
/// transaction, and nothing else may use it meanwhile.
public struct RoleOutbox {
  /// For one statement; each touches the rows of one user.
  private static let timeout = Duration.seconds(10)

  private let connection: Connection

  public init(connection: Connection) {
    self.connection = connection
  }

  /// Runs `work` on the next user that is due, in one transaction with what it settles.
  ///
  /// - Parameter work: what it throws ends the transaction without effect.
  /// - Returns: nil where nothing is due.
  func withNextUser<Result>(
    until deadline: Deadline, _ work: (ClaimedUser) throws(PushError) -> Result
  ) throws(PushError) -> Result? {
    try execute("BEGIN", until: deadline)
    do {
      guard let user = try claim(until: deadline) else {
        try execute("COMMIT", until: deadline)
        return nil
      }
      let result = try work(user)
      // Cognito has been told by now: what is left of the deadline must not undo the bookkeeping.
      try execute("COMMIT", until: .after(Self.timeout))
      return result
    } catch {
      // Where this fails the connection is gone, and the transaction with it.
      _ = try? connection.execute(script: "ROLLBACK", until: .after(Self.timeout))
      throw error
    }
  }

  private func claim(until deadline: Deadline) throws(PushError) -> ClaimedUser? {
    let rows = try connection.pushQuery(
      """
      SELECT user_pool_id, sub, username, group_name, wanted, attempts, changes,
        addition_failed
      FROM cognito.claim_role_changes()
      """, until: deadline.capped(at: Self.timeout)
    ).rows
    var user: ClaimedUser?
    for row in rows {
      guard row.count == 8, let userPoolID = row[0], let sub = row[1], let username = row[2],
        let group = row[3], let wanted = row[4], let attempts = row[5].flatMap({ Int($0) }),
        let changes = row[6]
      else { throw .database(.unexpectedAnswer("cognito.claim_role_changes must return 8 values")) }
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

  /// The tables and Cognito agree on this group.
  func settle(_ membership: WantedMembership) throws(PushError) {
    try connection.pushQuery(
      "SELECT cognito.settle_role_changes($1::bigint[])", [membership.changes],
      until: .after(Self.timeout))
  }

  /// It is tried again by itself.
  func postpone(
    _ membership: WantedMembership, because reason: String, by delay: Duration
  ) throws(PushError) {
    try postpone(membership, reason, "\(delay.wholeMillisecondsRoundedUp) milliseconds", nil)
  }

  /// It is not tried again by itself.
  func keep(
    _ membership: WantedMembership, because reason: String, _ failure: KeptBecause
  ) throws(PushError) {
    try postpone(membership, reason, nil, failure)
  }

  private func postpone(
    _ membership: WantedMembership, _ reason: String, _ delay: String?, _ failure: KeptBecause?
  ) throws(PushError) {
    try connection.pushQuery(
      "SELECT cognito.postpone_role_changes($1::bigint[], $2::text, $3::interval, $4::text)",
      [membership.changes, reason, delay, failure?.rawValue], until: .after(Self.timeout))
  }

  /// Groups may be created from now on: what was kept for want of one is due again.
  func retryMissingGroups(until deadline: Deadline) throws(PushError) {
    try connection.pushQuery(
      "SELECT cognito.retry_missing_groups()", until: deadline.capped(at: Self.timeout))
  }

  private func execute(_ script: String, until deadline: Deadline) throws(PushError) {
    do {
      try connection.execute(script: script, until: deadline.capped(at: Self.timeout))
    } catch {
      throw .database(error)
    }
  }
}
