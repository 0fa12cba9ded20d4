import JSON

/// What an answer of Cognito's API means.
///
/// Source: Amazon Cognito user pools API reference, "Common Error Types" and the errors of each call; the
/// protocol is AWS JSON 1.1, whose errors carry their type as `__type` or as a header.
enum CognitoAnswer {
  /// - Parameter typeHeader: `x-amzn-ErrorType`.
  /// - Throws: where the status is not that of a success.
  static func check(
    _ operation: CognitoOperation, status: Int, typeHeader: String?, body: [UInt8]
  ) throws(CognitoError) {
    guard !(200...299).contains(status) else { return }
    let content = (try? JSONValue(parsing: body))?.object
    let name = typeName(content?["__type"]?.string) ?? typeName(typeHeader)
    let message = content?["message"]?.string ?? content?["Message"]?.string
    throw error(name, message, of: operation, status: status)
  }

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

  /// A type's name without the name space before `#` and the address after `:`.
  ///
  /// - Returns: nil where it does not look like a name: then it might be anything.
  static func typeName(_ text: String?) -> String? {
    guard let last = text?.split(separator: "#").last, let first = last.split(separator: ":").first,
      first.utf8.count <= 64, first.utf8.allSatisfy(\.isASCIILetterOrDigit),
      first.utf8.first?.isASCIIDigit == false
    else { return nil }
    return String(first)
  }

  private static func error(
    _ name: String?, _ message: String?, of operation: CognitoOperation, status: Int
  ) -> CognitoError {
    switch name {
    case "UserNotFoundException": .userNotFound
    case "ResourceNotFoundException": .resourceNotFound
    case "GroupExistsException": .groupExists
    case "InvalidParameterException", "ValidationException":
      .invalidParameter(operation, failed: message.flatMap { FailedConstraint(message: $0) })
    case "AliasExistsException": .aliasExists
    case "LimitExceededException": .limitExceeded(operation)
    case "NotAuthorizedException": .notAuthorized(operation)
    case "AccessDeniedException", "AccessDenied": .accessDenied(operation)
    case "UnrecognizedClientException", "InvalidClientTokenId", "MissingAuthenticationToken",
      "MissingAuthenticationTokenException", "OptInRequired":
      .credentialsRefused(.unknownKey)
    case "ExpiredTokenException", "ExpiredToken", "RequestExpired": .credentialsRefused(.expired)
    case "InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature",
      "IncompleteSignatureException":
      .credentialsRefused(.wrongSignature)
    case "TooManyRequestsException", "ThrottlingException", "Throttling", "ThrottledException",
      "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException", "SlowDown":
      .throttled
    case _ where status == 429: .throttled
    case "ForbiddenException": .blocked
    case "InternalErrorException", "InternalFailure", "InternalServerError",
      "ServiceUnavailable", "ServiceUnavailableException":
      .internalError(status: status)
    case _ where status >= 500: .internalError(status: status)
    default: .other(type: name, status: status)
    }
  }
}
