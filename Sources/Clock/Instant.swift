import Glibc

/// A point on the monotonic clock, for measuring how long something took.
///
/// Not `ContinuousClock`: that type lives in the concurrency library, which `bootstrap` does without.
public struct Instant: Sendable, Hashable, Comparable {
  /// Nanoseconds on `CLOCK_MONOTONIC`.
  let nanoseconds: Int64

  /// By the monotonic clock.
  public static func now() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
  }

  public static func < (earlier: Instant, later: Instant) -> Bool {
    earlier.nanoseconds < later.nanoseconds
  }

  /// The time from this instant to `later`; negative when `later` is the earlier one.
  public func duration(to later: Instant) -> Duration {
    .nanoseconds(later.nanoseconds.subtractingSaturated(nanoseconds))
  }

  /// The time since this instant.
  public var elapsed: Duration { duration(to: .now()) }

  /// This instant moved by `duration`; at the end of the clock's range it stays there.
  public func advanced(by duration: Duration) -> Instant {
    Instant(nanoseconds: nanoseconds.addingSaturated(duration.wholeNanoseconds))
  }
}

extension Duration {
  /// Whole nanoseconds, saturated at the range of `Int64` (292 years).
  var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds.multipliedSaturated(by: 1_000_000_000)
      .addingSaturated(attoseconds / 1_000_000_000)
  }

  /// Whole microseconds, without what is left of them.
  public var wholeMicroseconds: Int64 { wholeNanoseconds / 1000 }

  /// Milliseconds with their fraction, for log lines and tables.
  public var milliseconds: Double { Double(wholeNanoseconds) / 1_000_000 }

  /// Milliseconds rounded up, so that a wait of this length is never cut short.
  public var wholeMillisecondsRoundedUp: Int64 {
    let nanoseconds = wholeNanoseconds
    return nanoseconds / 1_000_000 + (nanoseconds % 1_000_000 > 0 ? 1 : 0)
  }
}

extension Int64 {
  func addingSaturated(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }

  func subtractingSaturated(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other < 0 ? .max : .min) : difference
  }

  /// - Parameter factor: positive.
  func multipliedSaturated(by factor: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? (self < 0 ? .min : .max) : product
  }
}
