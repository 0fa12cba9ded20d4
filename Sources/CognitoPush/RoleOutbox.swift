import Clock
import CognitoAPI
import Postgres
import UserTable

/// The outbox of roles: draining it, as the Lambda function's login may as well, and looking into it, as only the
/// schema's owner may.
///
/// Claiming locks rows until the end of a transaction: the connection must be direct, or pooled by
/// transaction, and nothing else may use it meanwhile.
public struct RoleOutbox {
  /// For one statement; each touches the rows of one user.
  private static let timeout = Duration.seconds(10)

  private let connection: Connection
  private let region: String?

  /// - Parameters:
  ///   - connection: left as it was found, unless it is lost.
  ///   - region: of AWS, where this runs: changes of other regions' pools are left for somebody there, since a replica
  ///     may not be written. Nil: takes every change.
  public init(connection: Connection, region: String? = nil) {
    self.connection = connection
    self.region = region
  }

  /// What the outbox holds.
  ///
  /// - Parameters:
  ///   - limit: of the list of changes that were given up, from 0.
  ///   - deadline: for both statements together.
  /// - Throws: what the database answers: no permission (42501), where the login is not the owner's.
  public func status(
    limit: Int = 100, until deadline: Deadline
  ) throws(PostgresError) -> OutboxStatus {
    var status = try connection.run(CountRoleChanges(), until: deadline)
    status.keptBack = try connection.run(ListKeptBackChanges(limit: limit), until: deadline)
    return status
  }

  /// Lets everything that was given up be tried again.
  ///
  /// - Returns: how many changes.
  /// - Throws: what the database answers: no permission (42501), where the login is not the owner's.
  public func retryKeptBack(until deadline: Deadline) throws(PostgresError) -> Int {
    try connection.run(RetryKeptBackChanges(), until: deadline)
  }

  /// Runs `work` on the next user that is due, in one transaction with what it settles.
  ///
  /// - Parameters:
  ///   - pools: whose users are left alone.
  ///   - work: what it throws ends the transaction without effect.
  /// - Returns: nil where nothing is due.
  func withNextUser<Result>(
    exceptIn pools: [UserPoolID], until deadline: Deadline,
    _ work: (ClaimedUser) throws(PushError) -> Result
  ) throws(PushError) -> Result? {
    try execute("BEGIN", until: deadline)
    do {
      let claim = ClaimRoleChangesCall(in: region, except: pools.map(\.text))
      guard let user = try connection.push(claim, until: deadline.capped(at: Self.timeout)) else {
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

  /// The tables and Cognito agree on this group.
  func settle(_ membership: WantedMembership) throws(PushError) {
    try connection.push(SettleRoleChangesCall(membership), until: .after(Self.timeout))
  }

  /// It is tried again by itself.
  func postpone(
    _ membership: WantedMembership, because reason: String, by delay: Duration
  ) throws(PushError) {
    try connection.push(
      PostponeRoleChangesCall(membership, because: reason, by: delay), until: .after(Self.timeout))
  }

  /// It is not tried again by itself.
  func keep(
    _ membership: WantedMembership, because reason: String, _ failure: KeptBecause
  ) throws(PushError) {
    try connection.push(
      PostponeRoleChangesCall(keeping: membership, because: reason, failure),
      until: .after(Self.timeout))
  }

  /// Groups may be created from now on: what was kept for want of one is due again.
  func retryMissingGroups(until deadline: Deadline) throws(PushError) {
    try connection.push(RetryMissingGroupsCall(), until: deadline.capped(at: Self.timeout))
  }

  private func execute(_ script: String, until deadline: Deadline) throws(PushError) {
    do {
      try connection.execute(script: script, until: deadline.capped(at: Self.timeout))
    } catch {
      throw .database(error)
    }
  }
}
