import Clock
import Postgres

/// A call of `cognito.settle_role_changes`: the tables and Cognito agree on a group.
public struct SettleRoleChangesCall: TableStatement {
  public typealias Answer = Void

  public let sql = "SELECT cognito.settle_role_changes($1::bigint[])"
  public let parameters: [String?]

  /// - Parameter membership: of a user that this transaction has claimed.
  public init(_ membership: WantedMembership) {
    parameters = [membership.changes]
  }
}

/// A call of `cognito.postpone_role_changes`: a change could not be made.
public struct PostponeRoleChangesCall: TableStatement {
  public typealias Answer = Void

  public let sql =
    "SELECT cognito.postpone_role_changes($1::bigint[], $2::text, $3::interval, $4::text)"
  public let parameters: [String?]

  /// The change is tried again by itself.
  ///
  /// - Parameters:
  ///   - membership: of a user that this transaction has claimed.
  ///   - reason: what went wrong, without personal data.
  ///   - delay: until the next attempt; parts of a millisecond are rounded up.
  public init(_ membership: WantedMembership, because reason: String, by delay: Duration) {
    parameters = [
      membership.changes, reason, "\(delay.wholeMillisecondsRoundedUp) milliseconds", nil,
    ]
  }

  /// The change is kept with its error, and not tried again by itself.
  ///
  /// - Parameters:
  ///   - membership: of a user that this transaction has claimed.
  ///   - reason: what went wrong, without personal data.
  ///   - failure: what lets it be tried again.
  public init(keeping membership: WantedMembership, because reason: String, _ failure: KeptBecause)
  {
    parameters = [membership.changes, reason, nil, failure.rawValue]
  }
}

/// Why a change is kept, and with it what lets it be tried again; `failure` in the outbox.
public enum KeptBecause: String, Sendable {
  /// Until groups may be created.
  case missingGroup = "missing_group"
  /// A removal, until the same user has been added to every group that it should be in.
  case additionFailed = "addition_failed"
  /// Until somebody sees to it.
  case refused
}

/// A call of `cognito.retry_missing_groups`: groups may be created from now on, and what was kept for want of one
/// is due again.
public struct RetryMissingGroupsCall: TableStatement {
  public typealias Answer = Void

  public let sql = "SELECT cognito.retry_missing_groups()"

  /// What another worker has locked is left to it.
  public init() {}
}

/// Puts a group of a user into the outbox, whatever the tables want of it: who claims it finds out.
public struct EnterRoleChange: TableStatement {
  public typealias Answer = Void

  public let sql = """
    INSERT INTO cognito.role_outbox (user_pool_id, sub, username, group_name)
    VALUES ($1::text, $2::uuid, $3::text, $4::text)
    """
  public let parameters: [String?]

  /// - Parameters:
  ///   - group: its name in Cognito.
  ///   - user: one of the pool.
  public init(group: String, of user: UserRoles, inPool userPoolID: String) {
    parameters = [userPoolID, user.sub, user.username, group]
  }
}

/// From now on the connection is notified of every change of roles.
public struct ListenForRoleChanges: TableStatement {
  public typealias Answer = Void

  public let sql = "LISTEN cognito_role_outbox"

  /// Not through a pooler in transaction mode: it is the session that listens.
  public init() {}
}
