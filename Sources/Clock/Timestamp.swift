import Glibc

/// A point in wall-clock time, in microseconds since 1970: PostgreSQL's resolution.
public struct Timestamp: Sendable, Hashable, Comparable {
  /// Negative before 1970.
  public let microsecondsSinceEpoch: Int64

  /// - Parameter microsecondsSinceEpoch: any; negative before 1970.
  public init(microsecondsSinceEpoch: Int64) {
    self.microsecondsSinceEpoch = microsecondsSinceEpoch
  }

  /// By the system's clock, which may be set back.
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

  /// The timestamp so much later, or earlier where `duration` is negative; saturates.
  public func advanced(by duration: Duration) -> Timestamp {
    Timestamp(
      microsecondsSinceEpoch: microsecondsSinceEpoch.addingSaturated(
        duration.wholeNanoseconds / 1000))
  }

  /// RFC 3339 in UTC with microseconds, as `2026-11-21T08:30:00.123456Z`.
  ///
  /// A year beyond 9999 has as many digits as it needs, and one before the year 1 is followed by ` BC`:
  /// PostgreSQL reads both, whatever `DateStyle` or `TimeZone` say.
  public var rfc3339: String {
    String(unsafeUninitializedCapacity: Self.textLimit) { write(to: $0) }
  }

  /// The longest text: six digits for the year, and ` BC`.
  public static let textLimit = 32

  /// Writes `rfc3339` in ASCII. Allocates nothing and takes no lock, so that a signal handler may call it.
  ///
  /// - Parameter text: of `textLimit` bytes at least; with fewer nothing is written.
  /// - Returns: how many bytes were written.
  public func write(to text: UnsafeMutableBufferPointer<UInt8>) -> Int {
    guard text.count >= Self.textLimit else { return 0 }
    let (second, microsecond) = microsecondsSinceEpoch.dividedFloored(by: 1_000_000)
    let (day, secondOfDay) = second.dividedFloored(by: 86_400)
    let date = CivilDate(daysSinceEpoch: day)
    let isBC = date.year < 1
    let year = isBC ? 1 - date.year : date.year
    var end = 0
    func put(_ number: Int64, digits: Int, then separator: Unicode.Scalar) {
      var rest = number
      for place in stride(from: end + digits - 1, through: end, by: -1) {
        text[place] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
      }
      text[end + digits] = UInt8(ascii: separator)
      end += digits + 1
    }
    put(year, digits: year < 10_000 ? 4 : year < 100_000 ? 5 : 6, then: "-")
    put(date.month, digits: 2, then: "-")
    put(date.day, digits: 2, then: "T")
    put(secondOfDay / 3600, digits: 2, then: ":")
    put(secondOfDay / 60 % 60, digits: 2, then: ":")
    put(secondOfDay % 60, digits: 2, then: ".")
    put(microsecond, digits: 6, then: "Z")
    if isBC {
      text[end] = UInt8(ascii: " ")
      text[end + 1] = UInt8(ascii: "B")
      text[end + 2] = UInt8(ascii: "C")
      end += 3
    }
    return end
  }
}
