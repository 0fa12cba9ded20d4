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

  init(until stop: StopRequest, limit: Duration = Self.limit) {
    self.stop = stop
    self.limit = limit
  }

  /// Something succeeded.
  mutating func restore() {
    end = nil
    failures = 0
  }

  /// Waits for the next attempt.
  ///
  /// - Parameter cause: what failed, which is told.
  /// - Returns: false at the end of all patience, or when the run should end.
  mutating func wait(after cause: String) -> Bool {
    let end = end ?? .after(limit)
    self.end = end
    failures += 1
    let pause = Deadline.after(Self.backOff.wait(afterFailures: failures, using: &random))
    guard pause.instant < end.instant else { return false }
    stop.tell(cause, until: end)
    return stop.sleep(until: pause)
  }
}
