/// What the Runtime API answers a runtime, and what it learns from it: no sockets, no time.
///
/// Statuses, headers and bodies are those of AWS's Runtime Interface Emulator (aws/aws-lambda-runtime-interface-emulator,
/// `internal/lambda/rapi` and `internal/lambda/core/states.go`), which is Lambda's own code: `states.go` and
/// `rapi/handler/invocationresponse.go` at its commit eac2355e, `rapi/rendering/render_error.go` at 5d7c7ec9.
struct RuntimeExchange {
  /// Named as there: the names stand in the answers.
  enum State: String {
    case started = "Started"
    case initializationFailed = "InitError"
    case ready = "Ready"
    case running = "Running"
    case responseSent = "RuntimeResponseSentState"
  }

  /// What a request comes to.
  enum Step: Equatable {
    /// The runtime waits for an event. One that asks again before it has answered gets the same event again.
    case next
    /// The invocation is answered.
    case answer(Answer.Kind, RuntimeReply)
    /// The runtime cannot start: what it says of it.
    case initializationError([UInt8], RuntimeReply)
    case refusal(RuntimeReply)
  }

  private(set) var state = State.started
  private(set) var requestID: String?

  /// From now on this invocation is the one that may be answered, once it has been handed out.
  mutating func begin(_ requestID: String) {
    self.requestID = requestID
  }

  /// The event was sent.
  mutating func handOut() {
    state = .running
  }

  /// Nobody waits for the invocation any more: what still comes for it is refused.
  mutating func end() {
    guard state == .running else { return }
    requestID = nil
    state = .responseSent
  }

  mutating func take(_ request: ServedRequest) -> Step {
    let prefix = "/2018-06-01/"
    let path = request.pathWithoutQuery
    guard path.hasPrefix(prefix) else { return .refusal(.notFound) }
    let components = path.dropFirst(prefix.count)
      .split(separator: "/", omittingEmptySubsequences: false)
    switch (components.first, components.dropFirst().first, components.count) {
    case ("ping", nil, 1):
      return .refusal(
        request.method == "GET"
          ? RuntimeReply(status: 200, contentType: RuntimeReply.plainText, body: "pong")
          : .methodNotAllowed)
    case ("runtime", "invocation", 3) where components[2] == "next":
      return request.method == "GET" ? next() : .refusal(.methodNotAllowed)
    case ("runtime", "init", 3) where components[2] == "error":
      return request.method == "POST"
        ? initializationError(request) : .refusal(.methodNotAllowed)
    case ("runtime", "invocation", 4) where ["response", "error"].contains(components[3]):
      guard request.method == "POST" else { return .refusal(.methodNotAllowed) }
      return answer(request, to: components[2], isError: components[3] == "error")
    default:
      return .refusal(.notFound)
    }
  }

  private mutating func next() -> Step {
    if state == .initializationFailed { return .refusal(.transition(from: state, to: "Ready")) }
    if state != .running { state = .ready }
    return .next
  }

  private mutating func initializationError(_ request: ServedRequest) -> Step {
    guard state == .started else { return .refusal(.transition(from: state, to: "InitError")) }
    state = .initializationFailed
    return .initializationError(request.body, .accepted)
  }

  private mutating func answer(
    _ request: ServedRequest, to id: Substring, isError: Bool
  ) -> Step {
    guard let requestID, id == requestID else { return .refusal(.invalidRequestID) }
    guard state == .running else {
      let wanted = isError ? "InvocationErrorResponse" : "InvocationResponse"
      return .refusal(.transition(from: state, to: wanted))
    }
    state = .responseSent
    if isError {
      let type = request.headers["lambda-runtime-function-error-type"]
      return .answer(.error(type: type, body: request.body), .accepted)
    }
    if request.bodyLength > RuntimeReply.payloadLimit {
      let failure = FunctionFailure.responseTooLarge(request.bodyLength)
      return .answer(
        .error(type: failure.type, body: failure.body(requestID: requestID)), .payloadTooLarge)
    }
    return .answer(.response(request.body), .accepted)
  }
}

/// An answer of the Runtime API.
struct RuntimeReply: Equatable {
  static let plainText = "text/plain; charset=utf-8"
  /// Of a function's response, in bytes: 6 MiB and a hundred bytes for what is put around it.
  static let payloadLimit = 6 * 1024 * 1024 + 100

  var status: Int
  var contentType = "application/json"
  var body: String

  init(status: Int, contentType: String, body: String) {
    (self.status, self.contentType, self.body) = (status, contentType, body)
  }

  /// - Parameter json: Go's encoder ends it with a line feed.
  init(status: Int, json: String) {
    self.init(status: status, contentType: "application/json", body: json + "\n")
  }

  static let accepted = RuntimeReply(status: 202, json: #"{"status":"OK"}"#)
  static let notFound = RuntimeReply(
    status: 404, contentType: plainText, body: "404 page not found\n")
  static let methodNotAllowed = RuntimeReply(status: 405, contentType: plainText, body: "")
  static let invalidRequestID = error(400, "InvalidRequestID", "Invalid request ID")
  static let payloadTooLarge = error(
    413, "RequestEntityTooLarge",
    "Exceeded maximum allowed payload size (\(payloadLimit) bytes).")

  static func transition(from state: RuntimeExchange.State, to wanted: String) -> RuntimeReply {
    error(
      403, "InvalidStateTransition",
      "State transition from \(state.rawValue) to \(wanted) failed for runtime. "
        + "Error: State transition is not allowed")
  }

  private static func error(_ status: Int, _ type: String, _ message: String) -> RuntimeReply {
    RuntimeReply(status: status, json: #"{"errorMessage":"\#(message)","errorType":"\#(type)"}"#)
  }

  /// As it is sent.
  var bytes: [UInt8] {
    Array(
      ("HTTP/1.1 \(status) \(HTTPReason.phrase(status))\r\nContent-Type: \(contentType)\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8)
  }
}

/// The words behind a status (RFC 9110, section 15).
enum HTTPReason {
  static func phrase(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 202: "Accepted"
    case 204: "No Content"
    case 400: "Bad Request"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 413: "Content Too Large"
    case 429: "Too Many Requests"
    default: "Status"
    }
  }
}
