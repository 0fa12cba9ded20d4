import Clock

/// How old what the table knows of a user pool is.
public struct PoolFreshness: Sendable, Equatable {
  /// The last run that brought a whole listing in.
  public struct Reconciliation: Sendable, Equatable {
    /// When it ended.
    public var finishedAt: Timestamp
    /// JSON, as `FinishReconciliation` was given it.
    public var counts: String
  }

  /// A run after it that has not done so.
  public struct Attempt: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable {
      /// A session holds the pool's lock.
      case underWay = "under way"
      /// Broken off; it may be resumed.
      case interrupted
      /// At its end, but the listing broke off, or held nobody.
      case incomplete
    }

    public var state: State
    /// When it began; a resumed one for the first time.
    public var startedAt: Timestamp
  }

  /// What waits to be pushed.
  public struct Outbox: Sendable, Equatable {
    /// How many changes; the list `keptBack` is empty.
    public var status = OutboxStatus()
    /// When the oldest change was made that is not kept back; nil where there is none.
    public var oldestAt: Timestamp?
  }

  public var userPoolID: String
  /// When a user's row was last changed, by whatever; nil where there are no rows.
  public var lastWrittenAt: Timestamp?
  /// When a sign-in was last recorded; nil where none was.
  public var lastSignInAt: Timestamp?
  public var reconciliation: Reconciliation?
  public var attempt: Attempt?
  public var outbox = Outbox()
}

/// How old what the table knows is, by the database's clock.
public struct Freshness: Sendable, Equatable {
  /// The time of the question.
  public var askedAt: Timestamp
  /// In the order of their ids.
  public var pools: [PoolFreshness] = []
}
