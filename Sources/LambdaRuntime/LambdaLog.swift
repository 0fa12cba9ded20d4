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

  /// - Parameter level: what is below is not written.
  public init(
    format: LogFormat, level: LogLevel,
    write: @escaping @Sendable ([UInt8]) -> Void = LambdaLog.writeToStandardError
  ) {
    self.format = format
    self.level = level
    self.write = write
  }

  /// - Parameter fields: in the order in which the line has them; not asked for where none is written.
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

  public func warning(_ message: String, _ fields: LogField...) {
    log(.warning, message, fields)
  }

  public func error(_ message: String, _ fields: LogField...) {
    log(.error, message, fields)
  }

  /// A line that cannot be written is dropped: there is nobody left to tell.
  public static let writeToStandardError: @Sendable ([UInt8]) -> Void = { line in
    _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
