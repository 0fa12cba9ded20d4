import Deadline

/// A duration as log lines show it: milliseconds to the microsecond, as `1.042`; a number in JSON.
public struct LoggedMilliseconds: Sendable, CustomStringConvertible {
  private let microseconds: Int64

  public init(_ duration: Duration) {
    microseconds = duration.wholeMicroseconds
  }

  public var description: String {
    let (whole, rest) = microseconds.magnitude.quotientAndRemainder(dividingBy: 1000)
    let point = rest < 10 ? ".00" : rest < 100 ? ".0" : "."
    return (microseconds < 0 ? "-" : "") + String(whole) + point + String(rest)
  }
}
