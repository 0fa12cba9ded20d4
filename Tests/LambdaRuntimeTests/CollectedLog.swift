import Foundation
import LambdaRuntime

/// The lines that a log wrote.
final class CollectedLog: @unchecked Sendable {
  private let lock = NSLock()
  private var writes: [[UInt8]] = []

  /// One element for each write.
  var lines: [String] { lock.withLock { writes.map { String(decoding: $0, as: UTF8.self) } } }

  func objects() throws -> [[String: Any]] {
    try lines.map { line in
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
    }
  }

  func log(_ format: LogFormat = .json, level: LogLevel = .trace) -> LambdaLog {
    LambdaLog(format: format, level: level) { line in
      self.lock.withLock { self.writes.append(line) }
    }
  }
}
