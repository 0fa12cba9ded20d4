/// How log lines look: Lambda's plain text, or one JSON object a line.
public enum LogFormat: Sendable, Equatable {
  case text
  case json

  /// - Parameter environment: `AWS_LAMBDA_LOG_FORMAT` is read (`JSON` or `Text`).
  public init(environment: [String: String]) {
    self = environment["AWS_LAMBDA_LOG_FORMAT"]?.uppercased() == "JSON" ? .json : .text
  }
}
