/// How long to wait between attempts: twice as long each time, and each wait a random part of that, so
/// that those who were refused together do not come back together.
///
/// Source: AWS Architecture Blog, "Exponential Backoff And Jitter" ("full jitter").
public struct BackOff: Sendable, Equatable {
  /// The longest first wait.
  public var base: Duration
  /// The longest of all waits.
  public var cap: Duration

  public init(base: Duration = .milliseconds(100), cap: Duration = .seconds(5)) {
    self.base = base
    self.cap = cap
  }

  /// The longest wait after so many failures in a row, from 1.
  public func limit(afterFailures failures: Int) -> Duration {
    var limit = base
    var doublings = failures
    while doublings > 1, limit > .zero, limit < cap {
      limit *= 2
      doublings -= 1
    }
    return min(limit, cap)
  }

  /// - Returns: from nothing up to `limit`, every length as likely.
  public func wait(
    afterFailures failures: Int, using random: inout some RandomNumberGenerator
  ) -> Duration {
    limit(afterFailures: failures) * Double.random(in: 0..<1, using: &random)
  }
}
