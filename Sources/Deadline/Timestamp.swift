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
    return String(unsafeUninitializedCapacity: 27) { text in
      var end = 0
      func put(_ number: Int64, digits: Int, then separator: Unicode.Scalar) {
        var rest = number.magnitude
        for place in stride(from: end + digits - 1, through: end, by: -1) {
          text[place] = UInt8(ascii: "0") + UInt8(rest % 10)
          rest /= 10
        }
        text[end + digits] = UInt8(ascii: separator)
        end += digits + 1
      }
      put((Int64(parts.tm_year) + 1900) % 10_000, digits: 4, then: "-")
      put(Int64(parts.tm_mon) + 1, digits: 2, then: "-")
      put(Int64(parts.tm_mday), digits: 2, then: "T")
      put(Int64(parts.tm_hour), digits: 2, then: ":")
      put(Int64(parts.tm_min), digits: 2, then: ":")
      put(Int64(parts.tm_sec), digits: 2, then: ".")
      put(microsecond.remainder, digits: 6, then: "Z")
      return end
    }
  }
}

extension Int64 {
  fileprivate func quotientAndRemainderFloored(
    by divisor: Int64
  ) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
