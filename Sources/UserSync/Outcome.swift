/// What became of one invocation, as its log line and `pooltable replay` name it.
public enum Outcome: String, Sendable, CaseIterable {
  /// Answers of `cognito.sync_user`.
  case inserted, updated, unchanged, stale
  /// Answered with the event; nothing was to be written.
  case passed
  /// Answered with an error because the event is not for this function.
  case refused
  /// The user was not written, though the event asked for it.
  case failed
}
