import Glibc

/// A point in wall-clock time, in microseconds since 1970: PostgreSQL's resolution.
public struct Timestamp: Sendable, Hashable, Comparable {
  public let microsecondsSinceEpoch: Int64

  public init(microsecondsSinceEpoch: Int64) {
    self.microsecondsSinceEpoch = microsecondsSinceEpoch
  }

  public static func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(
      microsecondsSinceEpoch: Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec) / 1000)
  }

  public static func < (earlier: Timestamp, later: Timestamp) -> Bool {
    earlier.microsecondsSinceEpoch < later.microsecondsSinceEpoch
  }

  /// The time from this timestamp to `later`; saturates, and is negative when `later` is the earlier.
  public func duration(to later: Timestamp) -> Duration {
    .microseconds(later.microsecondsSinceEpoch.subtractingSaturated(microsecondsSinceEpoch))
  }

  public func advanced(by duration: Duration) -> Timestamp {
    Timestamp(
      microsecondsSinceEpoch: microsecondsSinceEpoch.addingSaturated(
        duration.wholeNanoseconds / 1000))
  }

  /// RFC 3339 in UTC with microseconds, as `2026-11-21T08:30:00.123456Z`.
  ///
  /// PostgreSQL reads this form whatever `DateStyle` or `TimeZone` say.
  public var rfc3339: String {
    let microsecond = microsecondsSinceEpoch.quotientAndRemainderFloored(by: 1_000_000)
    var seconds = time_t(microsecond.quotient)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var text = ""
    text.reserveCapacity(27)
    text.append(padded(Int64(parts.tm_year) + 1900, to: 4))
    text.append("-")
    text.append(padded(Int64(parts.tm_mon) + 1, to: 2))
    text.append("-")
    text.append(padded(Int64(parts.tm_mday), to: 2))
    text.append("T")
    text.append(padded(Int64(parts.tm_hour), to: 2))
    text.append(":")
    text.append(padded(Int64(parts.tm_min), to: 2))
    text.append(":")
    text.append(padded(Int64(parts.tm_sec), to: 2))
    text.append(".")
    text.append(padded(microsecond.remainder, to: 6))
    text.append("Z")
    return text
  }
}

private func padded(_ number: Int64, to width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

extension Int64 {
  fileprivate func quotientAndRemainderFloored(
    by divisor: Int64
  ) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
