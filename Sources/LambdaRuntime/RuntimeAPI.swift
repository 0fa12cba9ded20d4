import Clock
import HTTP

/// The Lambda Runtime API, as transport: one method for every call, and no opinion on what follows.
///
/// - Source: AWS Lambda documentation, "Using the Lambda runtime API for custom runtimes", 2018-06-01.
public final class RuntimeAPI {
  /// Bounds every call but `next`; each moves at most 6 MB over loopback.
  private static let answerTimeout = Duration.seconds(2)
  /// Lambda's payloads end at 6 MB; beyond twice that something else is answering.
  private static let payloadLimit = 12 << 20

  private let http: HTTPClient
  private let base: String
  private let answerHeaders = HTTPHeaderList(["Content-Type: application/json", "Expect:"])

  /// - Parameters:
  ///   - endpoint: `HOST:PORT`, the value of `AWS_LAMBDA_RUNTIME_API`.
  ///   - userAgent: `PRODUCT/VERSION`, as Lambda is told which runtime this is.
  /// - Returns: nil when libcurl cannot be set up.
  public init?(endpoint: String, userAgent: String) {
    guard
      let http = try? HTTPClient(
        userAgent: userAgent, bodyLimit: Self.payloadLimit, connectTimeout: .seconds(2))
    else { return nil }
    self.http = http
    base = "http://\(endpoint)/2018-06-01/runtime/"
  }

  /// Waits for the next event, for as long as it takes: the process may be frozen meanwhile.
  public func next() throws(RuntimeAPIError) -> Invocation {
    let response: HTTPResponse
    do {
      response = try http.perform(HTTPRequest(.get, url: base + "invocation/next"), until: nil)
    } catch .bodyTooLarge {
      guard let id = requestID(in: http.lastHeaders) else { throw .missingRequestID }
      throw .payloadTooLarge(requestID: id)
    } catch {
      throw .transport(error)
    }
    let (now, time) = (Instant.now(), Timestamp.now())
    guard RuntimeCall.next.decision(forStatus: response.status) == .goOn else {
      throw .status(response.status)
    }
    guard let requestID = requestID(in: response.headers) else { throw .missingRequestID }
    // `Lambda-Runtime-Trace-Id` is left alone. Runtimes put it into `_X_AMZN_TRACE_ID` for X-Ray's SDK, which
    // is not part of this process; and a `setenv` while a thread looks a host up is a race.
    return Invocation(
      requestID: requestID,
      payload: response.body,
      deadline: deadline(
        fromHeader: response.headers[lowercased: "lambda-runtime-deadline-ms"], at: now, time),
      receivedAt: now,
      receivedAtTime: time)
  }

  /// Answers with `payload`. - Returns: the status.
  public func respond(with payload: [UInt8], to requestID: String) throws(HTTPError) -> Int {
    // An id is a UUID; should it ever be something else, it must not break out of the path.
    let url = base + "invocation/" + percentEncoded(requestID) + "/response"
    return try http.perform(
      HTTPRequest(.post(payload), url: url, headers: answerHeaders), until: answerDeadline
    ).status
  }

  /// Answers with an error. - Returns: the status.
  public func report(
    _ failure: InvocationFailure, for requestID: String
  ) throws(HTTPError) -> Int {
    try post(
      failure.body, type: failure.type, to: "invocation/\(percentEncoded(requestID))/error")
  }

  /// Says why the process cannot start; only before the first `next`. - Returns: the status.
  @discardableResult
  public func report(_ failure: InitializationFailure) throws(HTTPError) -> Int {
    try post(failure.body, type: failure.type, to: "init/error")
  }

  private func post(
    _ body: [UInt8], type: StaticString, to path: String
  ) throws(HTTPError) -> Int {
    let headers = HTTPHeaderList([
      "Content-Type: application/json", "Expect:", "Lambda-Runtime-Function-Error-Type: \(type)",
    ])
    return try http.perform(
      HTTPRequest(.post(body), url: base + path, headers: headers), until: answerDeadline
    ).status
  }

  private var answerDeadline: Deadline { .after(Self.answerTimeout) }
}

/// Why `next` gave no event.
public enum RuntimeAPIError: Error, Sendable, Equatable {
  /// There was no whole response.
  case transport(HTTPError)
  /// The response's status was not 200.
  case status(Int)
  /// The response names no request id, so that nobody can be answered.
  case missingRequestID
  /// The event is larger than Lambda's own limit; it can still be answered.
  case payloadTooLarge(requestID: String)
}

private func requestID(in headers: HTTPHeaders) -> String? {
  let id = headers[lowercased: "lambda-runtime-aws-request-id"]
  return id?.isEmpty == true ? nil : id
}

/// Turns Lambda's deadline, on the wall clock, into one on the monotonic clock.
///
/// - Parameter header: `Lambda-Runtime-Deadline-Ms`, milliseconds since 1970.
/// - Returns: nil when it is missing or no positive number; the default budget holds then.
func deadline(fromHeader header: String?, at now: Instant, _ time: Timestamp) -> Deadline? {
  guard let milliseconds = header.flatMap({ Int64($0) }), milliseconds > 0 else { return nil }
  let (microseconds, overflow) = milliseconds.multipliedReportingOverflow(by: 1000)
  let end = Timestamp(microsecondsSinceEpoch: overflow ? .max : microseconds)
  return Deadline(at: now.advanced(by: time.duration(to: end)))
}
