import JSON

/// Why Lambda does not run the function: an error of its API, which SDKs throw under the name of its type.
public struct InvokeRefusal: Error, Sendable, Equatable {
  /// Of HTTP.
  public var status: Int
  /// As `ResourceNotFoundException`.
  public var type: String
  /// What Lambda says of it.
  public var message: String
  /// The member of the answer that the message is in: Lambda has both spellings.
  var messageMember = "message"
  var reason: String?

  static func functionNotFound(arn: String) -> InvokeRefusal {
    InvokeRefusal(
      status: 404, type: "ResourceNotFoundException", message: "Function not found: \(arn)",
      messageMember: "Message")
  }

  static let unknownOperation = InvokeRefusal(
    status: 404, type: "UnknownOperationException",
    message: "Only POST /2015-03-31/functions/{name}/invocations is served here.")

  /// The code that Lambda sends; its API's model has `RequestTooLargeException`.
  static func payloadTooLarge(limit: Int) -> InvokeRefusal {
    InvokeRefusal(
      status: 413, type: "RequestEntityTooLargeException",
      message: "Request must be smaller than \(limit) bytes for the InvokeFunction operation")
  }

  static func invalidContent(_ message: String) -> InvokeRefusal {
    InvokeRefusal(status: 400, type: "InvalidRequestContentException", message: message)
  }

  static let qualifiersDiffer = InvokeRefusal(
    status: 400, type: "InvalidParameterValueException",
    message: "The derived qualifier from the function name does not match the specified qualifier.")

  static func invalidValue(_ value: String, of name: String, demand: String) -> InvokeRefusal {
    InvokeRefusal(
      status: 400, type: "ValidationException",
      message: "1 validation error detected: Value '\(value)' at '\(name)' failed to satisfy "
        + "constraint: Member must \(demand)")
  }

  /// As of a function with reserved concurrency.
  static let throttled = InvokeRefusal(
    status: 429, type: "TooManyRequestsException", message: "Rate Exceeded.",
    reason: "ReservedFunctionConcurrentInvocationLimitExceeded")

  var body: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("Reason", reason)
      // A request that breaks the API's model never came to Lambda itself, which writes this member.
      json.member("Type", type == "ValidationException" ? nil : "User")
      json.member(messageMember, message)
    }
    return json.finished()
  }
}
