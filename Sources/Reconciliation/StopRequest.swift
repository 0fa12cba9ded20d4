import Deadline

/// The wish that a run should end, as a signal tells it: asked for wherever something is waited for.
public struct StopRequest: Sendable {
  private let made: @Sendable () -> Bool

  public init(_ isMade: @escaping @Sendable () -> Bool = { false }) {
    made = isMade
  }

  var isMade: Bool { made() }

  /// Does nothing until `deadline` passes, or the wish is there.
  ///
  /// - Returns: whether it is not.
  func sleep(until deadline: Deadline) -> Bool {
    while !deadline.hasPassed, !isMade {
      deadline.capped(at: .milliseconds(100)).sleep()
    }
    return !isMade
  }
}
