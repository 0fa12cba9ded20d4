import Clock
import CognitoAPI

/// Keeps calls away from a service that failed a moment ago, for longer with each failure in a row.
///
/// On the wall clock: the monotonic one may stand still while Lambda freezes the process, and a pause of
/// seconds would last for hours. Should the wall clock be set back, the pause is over.
struct CircuitBreaker: Sendable, Equatable {
  private static let pauses = BackOff(base: .seconds(10), cap: .seconds(300))

  private var failures = 0
  private var failedAt: Timestamp?

  /// How long after the last failure no call is made.
  var pause: Duration { failures == 0 ? .zero : Self.pauses.limit(afterFailures: failures) }

  func allowsCall(at now: Timestamp) -> Bool {
    guard let failedAt else { return true }
    return now < failedAt || failedAt.advanced(by: pause) <= now
  }

  mutating func recordFailure(at now: Timestamp) {
    failures += failures < Int.max ? 1 : 0
    failedAt = now
  }
}
