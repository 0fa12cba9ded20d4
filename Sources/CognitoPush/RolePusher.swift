import Clock
import CognitoAPI
import UserTable

// What Cognito is told of the database's: roles as groups, the row's id as an attribute.
//
// What is told is what the tables say at that moment, one user a transaction, so that doing it twice, late, or from
// several places ends in the same. It never writes a user, and leaves alone the groups that no role names.

/// Drains the outbox: makes the memberships of Cognito's groups what the tables want.
///
/// Every user is one transaction. Cognito is told before it ends, so that a crash at any point repeats
/// what was under way, and never forgets it; and since it is the tables of that moment that count,
/// repeating does no harm.
public struct RolePusher {
  /// After so many users in a row without an answer from Cognito, it is Cognito, or the way there.
  private static let patience = 3

  /// Between attempts at one change; within an attempt the client has its own.
  private static let backOff = BackOff(base: .seconds(1), cap: .seconds(600))

  private let outbox: RoleOutbox
  private let cognito: CognitoClient
  private let createsGroups: Bool
  private let callTimeout: Duration

  /// - Parameters:
  ///   - outbox: drained by nobody else over the same connection.
  ///   - createsGroups: whether a group that a role names, and that is missing, is made.
  ///   - callTimeout: for one call to Cognito, with its own repetitions.
  public init(
    outbox: RoleOutbox, cognito: CognitoClient, createsGroups: Bool,
    callTimeout: Duration = .seconds(15)
  ) {
    self.outbox = outbox
    self.cognito = cognito
    self.createsGroups = createsGroups
    self.callTimeout = callTimeout
  }

  /// Pushes until nothing is due, `deadline` passes, or `mayGoOn` says no.
  ///
  /// - Parameters:
  ///   - deadline: no user is begun after it; nil: there is none.
  ///   - mayGoOn: asked before each user.
  ///   - report: called after each user with what was done so far.
  /// - Returns: what was done.
  /// - Throws: `database` where the outbox cannot be read or written; `cognito` where no user would fare better: the
  ///   caller's keys are refused, or three users in a row got no answer; `refused` at the end, where the caller may not
  ///   change some pools: their users' changes are left as they were. What was done until then stays.
  public func drain(
    until deadline: Deadline? = nil, mayGoOn: () -> Bool = { true },
    report: (PushSummary) -> Void = { _ in }
  ) throws(PushError) -> PushSummary {
    var summary = PushSummary()
    var unansweredUsers = 0
    if createsGroups { try outbox.retryMissingGroups(until: deadline ?? .after(.seconds(60))) }
    var refused: [RefusedPool] = []
    while mayGoOn(), deadline?.hasPassed != true {
      let before = summary
      let pushed: CognitoError??
      do throws(PushError) {
        pushed = try outbox.withNextUser(
          exceptIn: refused.map(\.pool), until: deadline ?? .after(.seconds(60))
        ) { user throws(PushError) in
          try push(user, until: deadline, &summary)
        }
      } catch .refused(let pools, _) {
        // What of the user was done is done again by the next run, and counted then. Groups stay.
        let createdGroups = summary.createdGroups
        summary = before
        summary.createdGroups = createdGroups
        refused += pools
        continue
      }
      guard let error = pushed else { break }
      summary.users += 1
      report(summary)
      unansweredUsers = error == nil ? 0 : unansweredUsers + 1
      if let error, unansweredUsers == Self.patience { throw .cognito(error) }
    }
    guard refused.isEmpty else { throw .refused(refused, done: summary) }
    return summary
  }

  /// - Returns: the error that postponed the user's last change; nil where Cognito answered.
  private func push(
    _ user: ClaimedUser, until deadline: Deadline?, _ summary: inout PushSummary
  ) throws(PushError) -> CognitoError? {
    guard let pool = UserPoolID(user.userPoolID) else {
      for membership in user.memberships {
        try outbox.keep(membership, because: "the user pool's id is no such id", .refused)
        summary.keptBack += 1
      }
      return nil
    }
    var unanswered: CognitoError?
    // What a failed addition makes of the removals that follow.
    var held =
      user.hasFailedAddition ? PushOutcome.keptBack("", .additionFailed).removalMeanwhile : nil
    let additionsFirst =
      user.memberships.filter(\.isWanted) + user.memberships.filter { !$0.isWanted }
    for membership in additionsFirst {
      let outcome =
        if !membership.isWanted, let held { held } else {
          carryOut(membership, of: user, in: pool, until: deadline, &summary)
        }
      if membership.isWanted { held = outcome.removalMeanwhile ?? held }
      unanswered = nil
      switch outcome {
      case .settled:
        try outbox.settle(membership)
        if membership.isWanted { summary.added += 1 } else { summary.removed += 1 }
      case .postponed(let error):
        var random = SystemRandomNumberGenerator()
        let delay = Self.backOff.wait(afterFailures: membership.attempts + 1, using: &random)
        try outbox.postpone(membership, because: error.description, by: delay)
        summary.postponed += 1
        unanswered = error
      case .keptBack(let reason, let failure):
        try outbox.keep(membership, because: reason, failure)
        summary.keptBack += 1
      case .stop(let error):
        // A permission is one pool's: IAM is asked for that pool's ARN.
        guard case .accessDenied = error else { throw .cognito(error) }
        throw .refused([RefusedPool(pool: pool, error: error)], done: summary)
      }
    }
    return unanswered
  }

  private func carryOut(
    _ membership: WantedMembership, of user: ClaimedUser, in pool: UserPoolID,
    until deadline: Deadline?, _ summary: inout PushSummary
  ) -> PushOutcome {
    let timeout = Deadline.after(callTimeout)
    let (outcome, hasCreatedGroup) = MembershipChange(
      cognito: cognito, pool: pool, username: user.username, membership: membership,
      createsGroups: createsGroups, deadline: min(timeout, deadline ?? timeout)
    ).carryOut()
    if hasCreatedGroup { summary.createdGroups += 1 }
    return outcome
  }
}

/// What a drain has done so far.
public struct PushSummary: Sendable, Equatable {
  /// Users that were dealt with, whatever became of their changes.
  public var users = 0
  /// Memberships.
  public var added = 0
  /// Memberships.
  public var removed = 0
  /// Groups that roles name, and that were missing.
  public var createdGroups = 0
  /// Changes that are tried again by themselves, later.
  public var postponed = 0
  /// Changes that are kept with their error; `pooltable push --status` shows them.
  public var keptBack = 0

  /// Of nothing done.
  public init() {}
}
