import AWS
import CognitoAPI
import CognitoTriggers

/// What to do with a record of a call of Cognito's API.
enum ChangeRule: Sendable, Equatable {
  /// Nothing: it changes nobody here.
  case ignore
  /// Nothing, but somebody has to know: it may have changed any number of users.
  case tell(FollowedCall)
  /// Nothing: it does not say whom it is about.
  case unidentified
  /// Ask Cognito about a user of one of these pools; at their hosts in the record's region.
  case ask(Subject, in: [UserPoolID])

  /// Whom a record is about, as far as it tells.
  enum Subject: Sendable, Equatable {
    /// - userName: perhaps an alias; nil where it is hidden.
    /// - isGone: whether the call deletes the user.
    case sub(Sub, userName: String?, isGone: Bool)
    case userName(String)
  }

  /// - Parameter servedPools: never empty.
  init(_ record: ChangeRecord, servedPools: Set<String>) {
    let pools: [UserPoolID]
    if let pool = record.userPoolID {
      pools = servedPools.contains(pool) ? [UserPoolID(pool)].compactMap(\.self) : []
    } else {
      // A user who acts for themselves: the record has no pool.
      pools = servedPools.compactMap { UserPoolID($0) }.filter { $0.region == record.region }
        .sorted { $0.text < $1.text }
    }
    guard !record.hasFailed, let call = record.call, !pools.isEmpty else {
      self = .ignore
      return
    }
    let hosts = pools.map { $0.host(for: record) }
    switch (call.effect, record.sub, record.userName) {
    case (.wholePool, _, _): self = .tell(call)
    case (let effect, let sub?, let userName):
      self = .ask(.sub(sub, userName: userName, isGone: effect == .deletion), in: hosts)
    // A name alone is a name in one pool.
    case (_, nil, let userName?) where record.userPoolID != nil:
      self = .ask(.userName(userName), in: hosts)
    case (_, nil, _): self = .unidentified
    }
  }
}

extension UserPoolID {
  /// The pool with the region to ask in: the record's, which may have a replica. Whoever forges a record chooses no host:
  /// what is no region, or one of another partition, does not count.
  fileprivate func host(for record: ChangeRecord) -> UserPoolID {
    guard let region = record.region, Partition.isRegion(region),
      Partition(region: region) == Partition(region: self.region)
    else { return self }
    return served(in: region)
  }
}
