import Logging

/// How log lines look: Lambda's plain text, or one JSON object a line.
public enum LogFormat: Sendable, Equatable {
  case text
  case json

  /// - Parameter environment: `AWS_LAMBDA_LOG_FORMAT` is read (`JSON` or `Text`).
  public init(environment: [String: String]) {
    self = environment["AWS_LAMBDA_LOG_FORMAT"]?.uppercased() == "JSON" ? .json : .text
  }
}

extension Logger.Level {
  /// - Parameter lambdaName: `TRACE` … `FATAL`, in any case; nil for anything else.
  public init?(lambdaName: String) {
    switch lambdaName.uppercased() {
    case "TRACE": self = .trace
    case "DEBUG": self = .debug
    case "INFO": self = .info
    case "WARN": self = .warning
    case "ERROR": self = .error
    case "FATAL": self = .critical
    default: return nil
    }
  }

  /// The name by which Lambda filters.
  public var lambdaName: String {
    switch self {
    case .trace: "TRACE"
    case .debug: "DEBUG"
    case .info, .notice: "INFO"
    case .warning: "WARN"
    case .error: "ERROR"
    case .critical: "FATAL"
    }
  }
}
