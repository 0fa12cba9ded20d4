import Glibc

// Instants and deadlines on the monotonic clock, time stamps on the wall clock and their texts, waiting on a
// descriptor.
//
// Every wait in the program takes a `Deadline` from here, so that a chain of steps shares one budget. Nothing here
// waits without one, and nothing knows what is waited for.

/// The moment on the monotonic clock at which waiting ends.
///
/// Every wait takes one, so that a chain of steps (resolve, connect, query, retry) shares one budget
/// instead of adding up time-outs of its own.
public struct Deadline: Sendable, Hashable, Comparable {
  /// When it passes.
  public let instant: Instant

  /// A deadline that passes at `instant`.
  public init(at instant: Instant) {
    self.instant = instant
  }

  /// The deadline `duration` from now; a negative duration has passed already.
  public static func after(_ duration: Duration) -> Deadline {
    Deadline(at: Instant.now().advanced(by: duration))
  }

  public static func < (earlier: Deadline, later: Deadline) -> Bool {
    earlier.instant < later.instant
  }

  /// What is left, never negative.
  public var remaining: Duration {
    max(.zero, Instant.now().duration(to: instant))
  }

  /// Whether no time is left.
  public var hasPassed: Bool { remaining == .zero }

  /// This deadline, or `duration` from now where that is earlier.
  public func capped(at duration: Duration) -> Deadline {
    min(self, .after(duration))
  }

  /// The end of the first of `count` equal slices of what is left.
  ///
  /// Gives each of several attempts its share; the last attempt (`count` 1 or less) gets all the rest.
  public func slice(of count: Int) -> Deadline {
    count > 1 ? .after(remaining / count) : self
  }

  /// Does nothing until this deadline passes.
  public func sleep() {
    while !hasPassed {
      usleep(UInt32(clamping: remaining.wholeMillisecondsRoundedUp.multipliedSaturated(by: 1000)))
    }
  }

  /// Does nothing until this deadline passes, or the wait is given up.
  ///
  /// - Parameter isGivenUp: asked at least ten times a second.
  /// - Returns: false where it is given up.
  @discardableResult
  public func sleep(unless isGivenUp: () -> Bool) -> Bool {
    while !hasPassed, !isGivenUp() { capped(at: .milliseconds(100)).sleep() }
    return !isGivenUp()
  }
}
