import Clock
import CognitoAPI

/// How long a run goes on trying while nothing succeeds.
struct Patience {
  static let limit = Duration.seconds(300)
  private static let backOff = BackOff(base: .milliseconds(200), cap: .seconds(10))

  private var end: Deadline?
  private var failures = 0
  private var random = SystemRandomNumberGenerator()
  private let limit: Duration
  private let stop: StopRequest
  private let tell: WaitNotice

  /// - Parameters:
  ///   - stop: ends every wait.
  ///   - tell: called before each wait.
  init(
    until stop: StopRequest, tell: @escaping WaitNotice = { _, _ in },
    limit: Duration = Self.limit
  ) {
    self.stop = stop
    self.tell = tell
    self.limit = limit
  }

  /// Something succeeded.
  mutating func restore() {
    end = nil
    failures = 0
  }

  /// Waits for the next attempt.
  ///
  /// - Parameter cause: what failed, and what can be done about it.
  /// - Returns: false when nothing has succeeded for `limit`, or the run should end.
  mutating func wait(after cause: String) -> Bool {
    let end = end ?? .after(limit)
    self.end = end
    failures += 1
    let pause = Deadline.after(Self.backOff.wait(afterFailures: failures, using: &random))
    guard pause.instant < end.instant else { return false }
    tell(cause, end)
    return stop.sleep(until: pause)
  }
}

/// Tells somebody that a run waits for another attempt: what failed, and until when it is tried again.
public typealias WaitNotice = @Sendable (_ cause: String, _ end: Deadline) -> Void

/// The wish that a run should end, as a signal tells it: looked at wherever something is waited for.
public struct StopRequest: Sendable {
  private let made: @Sendable () -> Bool

  /// - Parameter isMade: whether the run should end; asked again and again, at least ten times a second.
  public init(_ isMade: @escaping @Sendable () -> Bool = { false }) {
    made = isMade
  }

  var isMade: Bool { made() }

  /// Does nothing until `deadline` passes, or the wish is there.
  ///
  /// - Returns: false where the wish is there.
  func sleep(until deadline: Deadline) -> Bool {
    deadline.sleep(unless: made)
  }
}
