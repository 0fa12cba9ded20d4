import Deadline
import Glibc

/// A Lambda Runtime API on loopback, for one runtime process.
///
/// It runs in the caller's thread: requests are only looked at inside `invoke`, so that nothing else
/// goes on while a time is taken. A `next` that comes meanwhile waits in its socket, as on Lambda.
public final class LocalRuntime {
  private let listener: ListeningSocket
  private var connections: [ClientConnection] = []
  /// The connection whose `next` is not answered yet.
  private var waiting: ClientConnection?
  private var invocationCount = 0

  /// - Parameter port: 0 takes any free one.
  public init(port: UInt16 = 0) throws(LocalRuntimeError) {
    listener = try ListeningSocket(port: port)
  }

  /// `HOST:PORT`, the value for `AWS_LAMBDA_RUNTIME_API`.
  public var endpoint: String { "127.0.0.1:\(listener.port)" }

  /// Hands out one event and waits for its answer.
  ///
  /// - Parameters:
  ///   - envelope: nil makes one with a new request id.
  ///   - process: its standard error is read meanwhile, and its end ends the wait.
  public func invoke(
    _ event: [UInt8], envelope: EventEnvelope? = nil, process: BootstrapProcess? = nil,
    until deadline: Deadline
  ) throws(LocalRuntimeError) -> Answer {
    let envelope = envelope ?? EventEnvelope(requestID: nextRequestID())
    var sentAt: Instant?
    while true {
      if sentAt == nil, let connection = waiting {
        waiting = nil
        // A connection that breaks here brings a new `next`, which gets the same event again.
        if connection.send(envelope.response(with: event), until: deadline) { sentAt = .now() }
      }
      for (connection, request) in try nextRequests(process, until: deadline) {
        switch (request.method, pathComponents(of: request)) {
        case ("GET", ["invocation", "next"]):
          waiting = connection
          if sentAt != nil { sentAt = nil }
        case ("POST", ["invocation", envelope.requestID, "response"]):
          let elapsed = sentAt?.elapsed ?? .zero
          accept(connection)
          return Answer(
            kind: .response(request.body), requestID: envelope.requestID, elapsed: elapsed)
        case ("POST", ["invocation", envelope.requestID, "error"]):
          let elapsed = sentAt?.elapsed ?? .zero
          accept(connection)
          let type = request.headers["lambda-runtime-function-error-type"]
          return Answer(
            kind: .error(type: type, body: request.body), requestID: envelope.requestID,
            elapsed: elapsed)
        case ("POST", ["init", "error"]):
          accept(connection)
          throw .initializationError(body: request.body)
        default:
          reply(403, "Forbidden", to: connection)
        }
      }
    }
  }

  /// Waits until the process asks for an event, without giving it one.
  public func waitForNext(
    process: BootstrapProcess? = nil, until deadline: Deadline
  ) throws(LocalRuntimeError) {
    while waiting == nil {
      for (connection, request) in try nextRequests(process, until: deadline) {
        switch (request.method, pathComponents(of: request)) {
        case ("GET", ["invocation", "next"]): waiting = connection
        case ("POST", ["init", "error"]):
          accept(connection)
          throw .initializationError(body: request.body)
        default: reply(403, "Forbidden", to: connection)
        }
      }
    }
  }

  private func nextRequestID() -> String {
    invocationCount += 1
    let count = String(invocationCount, radix: 16)
    let zeros = String(repeating: "0", count: max(0, 12 - count.count))
    return "8476a536-e9f4-11e8-9739-" + zeros + count
  }

  /// Waits for requests. - Returns: those that are whole.
  private func nextRequests(
    _ process: BootstrapProcess?, until deadline: Deadline
  ) throws(LocalRuntimeError) -> [(ClientConnection, RuntimeRequest)] {
    while true {
      connections.removeAll(where: \.isClosed)
      if waiting?.isClosed == true { waiting = nil }
      var descriptors = [pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)]
      let others = connections.map(\.descriptor) + [process?.logDescriptor].compactMap(\.self)
      descriptors += others.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      // A process without a standard error gives no sign of its end: it is looked at now and then.
      let isUnheard = process.map { $0.logDescriptor == nil } ?? false
      let end = isUnheard ? deadline.capped(at: .milliseconds(10)) : deadline
      let wait = Int32(clamping: end.remaining.wholeMillisecondsRoundedUp)
      let ready = poll(&descriptors, nfds_t(descriptors.count), wait)
      if ready == 0, deadline.hasPassed { throw .timedOut }
      process?.readLog()

      var requests: [(ClientConnection, RuntimeRequest)] = []
      for connection in connections {
        for request in connection.receive() { requests.append((connection, request)) }
      }
      while let connection = listener.accept() { connections.append(connection) }
      if !requests.isEmpty { return requests }
      // Only now: its last requests may have been in the sockets still.
      if let status = process?.exitStatus { throw .processEnded(status) }
    }
  }

  private func pathComponents(of request: RuntimeRequest) -> [String] {
    let prefix = "/2018-06-01/runtime/"
    guard request.path.hasPrefix(prefix) else { return [] }
    return request.path.dropFirst(prefix.count).split(separator: "/").map(String.init)
  }

  private func accept(_ connection: ClientConnection) {
    reply(202, "Accepted", to: connection)
  }

  private func reply(_ status: Int, _ reason: String, to connection: ClientConnection) {
    let body = #"{"status":"\#(reason)"}"#
    _ = connection.send(
      Array(
        "HTTP/1.1 \(status) \(reason)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
          .utf8))
  }
}
