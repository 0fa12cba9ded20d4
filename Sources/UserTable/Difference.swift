import CognitoTriggers

/// A user whose row was not as the listing has it.
public struct Difference: Sendable, Equatable {
  public enum Outcome: String, Sendable, CaseIterable {
    case inserted, updated, dated, stale
    /// Somebody else wrote the same user at the same moment; never seen outside of `TableWriter`.
    case rival
  }

  /// In its batch.
  public var position: Int
  public var sub: Sub
  public var outcome: Outcome
  /// The columns that differ; none for a new user.
  public var changes: [Change]

  public struct Change: Sendable, Equatable {
    public var column: String
    /// Both nil unless values were asked for.
    public var old: String?
    public var new: String?
  }
}
