/// How log lines look: Lambda's plain text, or one JSON object a line.
public enum LogFormat: Sendable, Equatable {
  case text
  case json

  /// - Parameter lambdaName: `AWS_LAMBDA_LOG_FORMAT`, `JSON` in any case; anything else, and nil, is text.
  public init(lambdaName: String?) {
    self = lambdaName?.uppercased() == "JSON" ? .json : .text
  }
}
