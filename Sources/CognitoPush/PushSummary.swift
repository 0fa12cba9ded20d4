/// What a drain has done so far.
public struct PushSummary: Sendable, Equatable {
  public var users = 0
  public var added = 0
  public var removed = 0
  public var createdGroups = 0
  /// To be tried again by themselves, later.
  public var postponed = 0
  /// Kept with their error; `pooltable push --status` shows them.
  public var keptBack = 0

  public init() {}
}
