/// One user of the outbox, locked until the transaction ends, with what the tables want of its groups.
struct ClaimedUser: Sendable, Equatable {
  /// As the row says; that it is one is for the call to find out.
  var userPoolID: String
  var sub: String
  /// What Cognito's calls take: the user's name, or its `sub` where no name is known.
  var username: String
  var memberships: [WantedMembership]
  /// Whether an earlier addition to a group that a role still asks for is kept with its error.
  var hasFailedAddition = false
}

/// One group of a claimed user.
struct WantedMembership: Sendable, Equatable {
  var group: String
  /// Whether the user has a role of that name now; what the change was does not matter any more.
  var isWanted: Bool
  /// How often it has been tried without success.
  var attempts: Int
  /// The outbox's rows that are settled by it: PostgreSQL's text of a `bigint[]`.
  var changes: String
}
