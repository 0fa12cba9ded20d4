import UserTable

/// What became of one invocation, as its log line and `pooltable replay` name it.
public enum Outcome: String, Sendable, CaseIterable {
  /// Answers of `cognito.sync_user`.
  case inserted, updated, unchanged, stale
  /// The user is gone at Cognito, and was marked as deleted.
  case deleted
  /// A change that concerns nobody here.
  case ignored
  /// A change that does not say whom it concerns, or a user whom neither the table nor Cognito has.
  case unidentified
  /// Nothing was done, because only the pool's primary region may do it.
  case secondary
  /// Answered with what the tokens are to carry: roles, claims.
  case overridden
  /// A sign-up was let in by the policy.
  case admitted
  /// A sign-up was refused by the policy: answered with an error, and nothing is wrong.
  case declined
  /// Answered with somebody who was a user before Cognito.
  case migrated
  /// Nobody was brought along: no such user, another password, or it could not be verified.
  case unmatched
  /// Answered with the event; nothing was to be done.
  case passed
  /// AppSync was answered, with values or with what its client is told in their place.
  case resolved
  /// A schedule's invocation: the outbox of roles was drained, as far as the time allowed.
  case pushed
  /// Answered with what the doctor found.
  case diagnosed
  /// Answered with an error because the event is not for this function.
  case refused
  /// The user was not written, the token not answered or the sign-up not decided, though the event asked for it.
  case failed
}

extension Outcome {
  init(_ outcome: SyncOutcome) {
    self =
      switch outcome {
      case .inserted: .inserted
      case .updated: .updated
      case .unchanged: .unchanged
      case .stale: .stale
      }
  }
}
