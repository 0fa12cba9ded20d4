import Clock

/// What Lambda sends with an event: the headers of the answer to `next`.
public struct EventEnvelope: Sendable {
  /// The id that the answer must name.
  public var requestID: String
  /// In the order in which they are sent.
  public var headers: [(name: String, value: String)]

  /// The headers as Lambda sends them.
  /// - Parameter timeout: the function's time-out.
  public init(requestID: String, timeout: Duration = .seconds(5)) {
    self.requestID = requestID
    let end = Timestamp.now().advanced(by: timeout)
    headers = [
      ("Lambda-Runtime-Aws-Request-Id", requestID),
      ("Lambda-Runtime-Deadline-Ms", "\(end.microsecondsSinceEpoch / 1000)"),
      (
        "Lambda-Runtime-Invoked-Function-Arn",
        "arn:aws:lambda:eu-central-1:123456789012:function:pooltable"
      ),
      ("Lambda-Runtime-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"),
    ]
  }

  func response(with event: [UInt8]) -> [UInt8] {
    var head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    head += "Content-Length: \(event.count)\r\n\r\n"
    return Array(head.utf8) + event
  }
}
