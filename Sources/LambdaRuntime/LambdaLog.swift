import Clock
import Glibc
import JSON

/// Writes log lines as Lambda reads them: one `write(2)` to standard error a line.
///
/// In JSON the keys that Lambda knows are `timestamp`, `level`, `message`, `requestId`.
public struct LambdaLog: Sendable {
  /// In bytes; a longer line is no fault.
  static let usualLength = 512

  private let level: LogLevel
  private let format: LogFormat
  private let write: @Sendable ([UInt8]) -> Void

  /// - Parameters:
  ///   - format: as Lambda was told to expect.
  ///   - level: the lowest that is written.
  ///   - write: takes a line with its end.
  public init(
    format: LogFormat, level: LogLevel,
    write: @escaping @Sendable ([UInt8]) -> Void = LambdaLog.writeToStandardError
  ) {
    self.format = format
    self.level = level
    self.write = write
  }

  /// Writes a line.
  ///
  /// - Parameters:
  ///   - level: lines below the log's own are left out.
  ///   - message: one that says what happened; what differs from line to line is in `fields`.
  ///   - fields: in the order of the line; not evaluated when the line is not written.
  public func log(
    _ level: LogLevel, _ message: String, _ fields: @autoclosure () -> [LogField] = []
  ) {
    guard level >= self.level else { return }
    let timestamp = Timestamp.now().rfc3339
    var line: [UInt8]
    switch format {
    case .json:
      var json = JSONWriter(capacity: Self.usualLength)
      json.object { json in
        json.member("timestamp", timestamp)
        json.member("level", level.lambdaName)
        json.member("message", message)
        for field in fields() { json.member(field.key, field.value) }
      }
      line = json.finished()
    case .text:
      var text = "\(timestamp) \(level.lambdaName) \(message)"
      for field in fields() { text += " \(field.key)=\(field.value.text)" }
      // A line is one line, whatever it quotes.
      line = text.utf8.map { $0 < 0x20 ? UInt8(ascii: " ") : $0 }
    }
    line.append(UInt8(ascii: "\n"))
    write(line)
  }

  /// Writes a line of level WARN.
  public func warning(_ message: String, _ fields: LogField...) {
    log(.warning, message, fields)
  }

  /// Writes a line of level ERROR.
  public func error(_ message: String, _ fields: LogField...) {
    log(.error, message, fields)
  }

  /// A line that cannot be written is dropped: there is nobody left to tell.
  public static let writeToStandardError: @Sendable ([UInt8]) -> Void = { line in
    _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}

/// A named value of a log line.
public struct LogField: Sendable {
  let key: String
  let value: Value

  /// - Parameters:
  ///   - key: as it stands in the line.
  ///   - text: any; it is escaped.
  public init(_ key: String, _ text: String) {
    self.key = key
    value = .text(text)
  }

  /// A whole number.
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

/// How serious a log line is, from the least to the most.
public enum LogLevel: Sendable, CaseIterable, Comparable {
  /// In Lambda's order.
  case trace, debug, info, warning, error, fatal

  /// - Parameter lambdaName: `TRACE` … `FATAL`, in any case; nil for anything else.
  public init?(lambdaName: String) {
    let name = lambdaName.uppercased()
    guard let level = Self.allCases.first(where: { $0.lambdaName == name }) else { return nil }
    self = level
  }

  /// The name by which Lambda filters.
  public var lambdaName: String {
    switch self {
    case .trace: "TRACE"
    case .debug: "DEBUG"
    case .info: "INFO"
    case .warning: "WARN"
    case .error: "ERROR"
    case .fatal: "FATAL"
    }
  }
}

/// How log lines look: Lambda's plain text, or one JSON object a line.
public enum LogFormat: Sendable, Equatable {
  /// `TIME LEVEL MESSAGE key=value …`
  case text
  /// One JSON object a line.
  case json

  /// - Parameter lambdaName: `AWS_LAMBDA_LOG_FORMAT`, `JSON` in any case; anything else, and nil, is text.
  public init(lambdaName: String?) {
    self = lambdaName?.uppercased() == "JSON" ? .json : .text
  }
}
