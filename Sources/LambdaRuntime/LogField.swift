import Clock
import JSON

/// A named value of a log line.
public struct LogField: Sendable {
  let key: String
  let value: Value

  public init(_ key: String, _ text: String) {
    self.key = key
    value = .text(text)
  }

  public init(_ key: String, _ number: Int) {
    self.key = key
    value = .number(String(number))
  }

  /// In milliseconds to the microsecond, as `1.042`.
  public init(_ key: String, _ duration: Duration) {
    self.key = key
    value = .number(milliseconds(duration.wholeMicroseconds))
  }

  enum Value: Sendable, JSONWritable {
    case text(String)
    /// A number's JSON text.
    case number(String)

    var text: String {
      switch self {
      case .text(let text), .number(let text): text
      }
    }

    func write(to json: inout JSONWriter) {
      switch self {
      case .text(let text): json.string(text)
      case .number(let number): json.raw(number)
      }
    }
  }
}

private func milliseconds(_ microseconds: Int64) -> String {
  let (whole, rest) = microseconds.magnitude.quotientAndRemainder(dividingBy: 1000)
  let point = rest < 10 ? ".00" : rest < 100 ? ".0" : "."
  return (microseconds < 0 ? "-" : "") + String(whole) + point + String(rest)
}
