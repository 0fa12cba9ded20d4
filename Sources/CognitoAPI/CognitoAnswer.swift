import AWS
import JSON

/// What an answer of Cognito's API means.
///
/// Source: Amazon Cognito user pools API reference, "Common Error Types" and the errors of each call; the
/// protocol is AWS JSON 1.1, whose errors carry their type as `__type` or as a header.
enum CognitoAnswer {
  /// The members of a success's body, none where it is empty: some calls answer with nothing at all.
  static func members(
    in body: [UInt8], of operation: CognitoOperation
  ) throws(CognitoError) -> [JSONKey: JSONValue] {
    if body.isEmpty { return [:] }
    guard let content = (try? JSONValue(parsing: body))?.object else {
      throw .malformedAnswer(operation)
    }
    return content
  }

  /// What went wrong with `operation`.
  static func error(_ fault: ServiceFault, of operation: CognitoOperation) -> CognitoError {
    if let refusal = fault.credentialsRefusal { return .credentialsRefused(refusal) }
    if fault.isAccessDenied { return .accessDenied(operation) }
    let status = fault.status
    return switch fault.name {
    case "UserNotFoundException": .userNotFound
    case "ResourceNotFoundException": .resourceNotFound
    case "GroupExistsException": .groupExists
    case "InvalidParameterException", "ValidationException":
      .invalidParameter(operation, failed: fault.message.flatMap { FailedConstraint(message: $0) })
    case "AliasExistsException": .aliasExists
    case "LimitExceededException": .limitExceeded(operation)
    case "NotAuthorizedException": .notAuthorized(operation)
    case "TooManyRequestsException", "ThrottlingException", "Throttling", "ThrottledException",
      "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException", "SlowDown":
      .throttled
    case _ where status == 429: .throttled
    case "ForbiddenException": .blocked
    case "InternalErrorException", "InternalFailure", "InternalServerError",
      "ServiceUnavailable", "ServiceUnavailableException":
      .internalError(status: status)
    case _ where status >= 500: .internalError(status: status)
    default: .other(type: fault.name, status: status)
    }
  }
}
