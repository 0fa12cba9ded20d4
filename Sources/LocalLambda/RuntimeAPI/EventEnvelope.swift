import Clock

/// What Lambda sends with an event: the headers of the answer to `next`.
public struct EventEnvelope: Sendable {
  /// The id that the answer must name.
  public var requestID: String
  /// In the order in which they are sent.
  public var headers: [(name: String, value: String)]

  /// The headers as Lambda sends them.
  ///
  /// - Parameters:
  ///   - timeout: the function's time-out.
  ///   - functionARN: as it was called, with its qualifier.
  ///   - traceID: the header is left out where there is none, as the emulator does.
  ///   - clientContext: JSON of the caller's.
  public init(
    requestID: String, timeout: Duration = .seconds(5),
    functionARN: String = FunctionIdentity(name: "pooltable").arn(qualifier: nil),
    traceID: String? = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0",
    clientContext: String? = nil
  ) {
    self.requestID = requestID
    let end = Timestamp.now().advanced(by: timeout)
    headers = [("Lambda-Runtime-Aws-Request-Id", requestID)]
    if let traceID { headers.append(("Lambda-Runtime-Trace-Id", traceID)) }
    if let clientContext { headers.append(("Lambda-Runtime-Client-Context", clientContext)) }
    headers += [
      ("Lambda-Runtime-Invoked-Function-Arn", functionARN),
      ("Lambda-Runtime-Deadline-Ms", "\(end.microsecondsSinceEpoch / 1000)"),
    ]
  }

  func response(with event: [UInt8]) -> [UInt8] {
    var head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    head += "Content-Length: \(event.count)\r\n\r\n"
    return Array(head.utf8) + event
  }
}
