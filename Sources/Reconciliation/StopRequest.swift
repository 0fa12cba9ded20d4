import Clock

/// The wish that a run should end, as a signal tells it, and who is told what it waits for: at hand wherever
/// something is waited for.
public struct StopRequest: Sendable {
  private let made: @Sendable () -> Bool
  private let waits: @Sendable (_ cause: String, _ until: Deadline) -> Void

  /// - Parameters:
  ///   - isMade: whether the run should end.
  ///   - waits: called before each wait for another attempt, with what failed, and until when it is tried.
  public init(
    _ isMade: @escaping @Sendable () -> Bool = { false },
    waits: @escaping @Sendable (_ cause: String, _ until: Deadline) -> Void = { _, _ in }
  ) {
    made = isMade
    self.waits = waits
  }

  func tell(_ cause: String, until end: Deadline) {
    waits(cause, end)
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
