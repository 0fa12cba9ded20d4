/// How grave a log line is, from the least to the most.
public enum LogLevel: Sendable, CaseIterable, Comparable {
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
