import Deadline
import Glibc
import Logging

/// Writes log lines as Lambda reads them: one `write(2)` to standard error a line.
///
/// In JSON the keys that Lambda knows are `timestamp`, `level`, `message`, `requestId`; numbers and
/// booleans given as `.stringConvertible` stay what they are.
public struct LambdaLogHandler: LogHandler {
  public var metadata: Logger.Metadata = [:]
  public var logLevel: Logger.Level
  private let format: LogFormat
  private let write: @Sendable ([UInt8]) -> Void

  public init(
    format: LogFormat, level: Logger.Level,
    write: @escaping @Sendable ([UInt8]) -> Void = LambdaLogHandler.writeToStandardError
  ) {
    self.format = format
    self.logLevel = level
    self.write = write
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    let given = event.metadata ?? [:]
    let all = metadata.isEmpty ? given : metadata.merging(given) { _, new in new }
    // The request id first, the others by name: lines of one kind look alike.
    let fields = all.sorted { left, right in
      if right.key == "requestId" { return false }
      return left.key == "requestId" || left.key < right.key
    }
    let timestamp = Timestamp.now().rfc3339
    let level = event.level.lambdaName
    let message = event.message.description
    var line: [UInt8]
    switch format {
    case .json:
      var json = JSONLine()
      json.append(key: "timestamp", string: timestamp)
      json.append(key: "level", string: level)
      json.append(key: "message", string: message)
      for (key, value) in fields {
        if let raw = value.jsonLiteral {
          json.append(key: key, raw: raw)
        } else {
          json.append(key: key, string: value.description)
        }
      }
      line = json.finished()
    case .text:
      var text = "\(timestamp) \(level) \(message)"
      for (key, value) in fields { text += " \(key)=\(value)" }
      // A line is one line, whatever it quotes.
      line = text.utf8.map { $0 < 0x20 ? UInt8(ascii: " ") : $0 }
    }
    line.append(UInt8(ascii: "\n"))
    write(line)
  }

  /// A line that cannot be written is dropped: there is nobody left to tell.
  public static let writeToStandardError: @Sendable ([UInt8]) -> Void = { line in
    _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}

extension Logger.MetadataValue {
  /// The value's JSON text where it is a number or a boolean.
  fileprivate var jsonLiteral: String? {
    guard case .stringConvertible(let value) = self else { return nil }
    return switch value {
    case let value as LoggedMilliseconds: value.description
    case let value as Int: value.description
    case let value as Double where value.isFinite: value.description
    case let value as Bool: value.description
    default: nil
    }
  }
}
