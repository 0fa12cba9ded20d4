import FoundationEssentials

/// What a call of `Invoke` is answered with.
struct InvokeAnswer: Equatable {
  var status: Int
  /// Beside those that every answer has.
  var headers: [String: String] = [:]
  var body: [UInt8] = []

  /// The call is taken, and nothing more is to be said of it.
  static let accepted = InvokeAnswer(status: 202)
  /// The call could be made.
  static let dryRun = InvokeAnswer(status: 204)

  static func refused(_ refusal: InvokeRefusal) -> InvokeAnswer {
    InvokeAnswer(
      status: refusal.status, headers: ["x-amzn-ErrorType": refusal.type], body: refusal.body)
  }

  /// The function ran.
  ///
  /// - Parameter logTail: the end of its log, where it was asked for.
  static func ran(_ result: InvocationResult, requestID: String, logTail: [UInt8]?) -> InvokeAnswer
  {
    var answer = InvokeAnswer(status: 200, headers: ["X-Amz-Executed-Version": "$LATEST"])
    switch result {
    case .answered(.response(let body)): answer.body = body
    case .answered(.error(_, let body)), .initializationFailed(let body):
      answer.body = body
      answer.headers["X-Amz-Function-Error"] = "Unhandled"
    case .failed(let failure):
      answer.body = failure.body(requestID: requestID)
      answer.headers["X-Amz-Function-Error"] = "Unhandled"
    }
    if let logTail {
      answer.headers["X-Amz-Log-Result"] = Data(logTail).base64EncodedString()
    }
    return answer
  }

  /// As it is sent.
  func bytes(requestID: String) -> [UInt8] {
    var head = "HTTP/1.1 \(status) \(HTTPReason.phrase(status))\r\n"
    // A 204 has neither a body nor its length (RFC 9110, section 8.6).
    if status != 204 {
      head += "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n"
    }
    head += "x-amzn-RequestId: \(requestID)\r\n"
    for (name, value) in headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
    return Array("\(head)\r\n".utf8) + body
  }
}

/// How an invocation ended.
public enum InvocationResult: Sendable, Equatable {
  /// By the function.
  case answered(Answer.Kind)
  /// The runtime could not start: the body of its `init/error`.
  case initializationFailed(body: [UInt8])
  /// Without an answer.
  case failed(FunctionFailure)
}
