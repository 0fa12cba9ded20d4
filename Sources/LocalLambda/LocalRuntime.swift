import Clock
import Glibc

// A Lambda on loopback: it plays the Runtime API to a real `bootstrap`, for `pooltable replay` and the tests.
//
// It speaks the documented protocol, and plays its faults when told to. Never linked into `bootstrap`; no wait
// without a deadline.

/// A Lambda Runtime API on loopback, for one runtime process.
///
/// It runs in the caller's thread: requests are only looked at inside `invoke`, so that nothing else runs while
/// a time is measured. A `next` that arrives meanwhile waits in its socket, as on Lambda.
public final class LocalRuntime {
  private let listener: ListeningSocket
  private var connections: [ClientConnection] = []
  /// The connection whose `next` is not answered yet.
  private var waiting: ClientConnection?
  /// As on Lambda no two invocations have the same id, whichever runtime hands them out.
  private let requestIDPrefix: String
  private var invocationCount: UInt64 = 0

  /// - Parameter port: 0 takes any free one.
  public init(port: UInt16 = 0) throws(LocalRuntimeError) {
    listener = try ListeningSocket(port: port)
    let random = UInt64.random(in: .min ... .max).hexadecimal(digits: 16)
    requestIDPrefix =
      "\(random.prefix(8))-\(random.dropFirst(8).prefix(4))-4\(random.suffix(3))-8000-"
  }

  /// `HOST:PORT`, the value for `AWS_LAMBDA_RUNTIME_API`.
  public var endpoint: String { "127.0.0.1:\(listener.port)" }

  /// Hands out one event and waits for its answer.
  ///
  /// - Parameters:
  ///   - envelope: nil makes one with a new request id.
  ///   - fault: played once, the first time that it fits.
  ///   - process: its standard error is read meanwhile, and its end ends the wait.
  public func invoke(
    _ event: [UInt8], envelope: EventEnvelope? = nil, fault: RuntimeFault? = nil,
    process: BootstrapProcess? = nil, until deadline: Deadline
  ) throws(LocalRuntimeError) -> Answer {
    let envelope = envelope ?? EventEnvelope(requestID: nextRequestID())
    var fault = fault
    var sentAt: Instant?
    var taken: Answer?
    while true {
      if let connection = waiting {
        waiting = nil
        // A connection that breaks here brings a new `next`, which gets the same event again.
        let isSent = hand(out: event, in: envelope, to: connection, &fault, until: deadline)
        sentAt = isSent ? .now() : nil
      }
      for (connection, request) in try nextRequests(process, until: deadline) {
        if isNext(request) {
          waiting = connection
          if let taken { return taken }
        } else if let kind = answerKind(of: request, requestID: envelope.requestID) {
          let answer = Answer(
            kind: kind, requestID: envelope.requestID, elapsed: sentAt?.elapsed ?? .zero)
          switch fault {
          case .closeOnAnswer:
            fault = nil
            connection.close()
          case .closeAfterTakingAnswer where taken == nil:
            taken = answer
            connection.close()
          case .closeAfterTakingAnswer:
            reply(403, "Forbidden", to: connection)
            return taken ?? answer
          case .answerStatus(let status):
            reply(status, "Status", to: connection)
            return answer
          default:
            reply(202, "Accepted", to: connection)
            return answer
          }
        } else {
          try refuse(request, on: connection, until: deadline)
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
        if isNext(request) {
          waiting = connection
        } else {
          try refuse(request, on: connection, until: deadline)
        }
      }
    }
  }

  /// - Returns: whether the whole event was sent.
  private func hand(
    out event: [UInt8], in envelope: EventEnvelope, to connection: ClientConnection,
    _ fault: inout RuntimeFault?, until deadline: Deadline
  ) -> Bool {
    let response = envelope.response(with: event)
    switch fault {
    case .nextStatus(let status):
      fault = nil
      reply(status, "Status", to: connection)
      return false
    case .closeOnNext:
      fault = nil
      connection.close()
      return false
    case .closeInTheMiddleOfTheEvent:
      fault = nil
      _ = connection.send(Array(response.dropLast(event.count / 2)), until: deadline)
      connection.close()
      return false
    case .continueBeforeTheEvent:
      fault = nil
      return connection.send(
        Array("HTTP/1.1 100 Continue\r\n\r\n".utf8) + response, until: deadline)
    case .slowEvent(let pieces, let pause):
      fault = nil
      let size = max(1, response.count / max(1, pieces))
      for start in stride(from: 0, to: response.count, by: size) {
        let piece = Array(response[start..<min(start + size, response.count)])
        guard connection.send(piece, until: deadline) else { return false }
        deadline.capped(at: pause).sleep()
      }
      return true
    default:
      return connection.send(response, until: deadline)
    }
  }

  private func nextRequestID() -> String {
    invocationCount += 1
    return requestIDPrefix + invocationCount.hexadecimal(digits: 12)
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
      // Nothing tells of the end of a process that has closed its standard error: it is checked now and then.
      let isUnheard = process.map { $0.logDescriptor == nil } ?? false
      let end = isUnheard ? deadline.capped(at: .milliseconds(10)) : deadline
      let wait = Int32(clamping: end.remaining.wholeMillisecondsRoundedUp)
      _ = poll(&descriptors, nfds_t(descriptors.count), wait)
      process?.readLog()

      var requests: [(ClientConnection, RuntimeRequest)] = []
      for connection in connections {
        for request in connection.receive() { requests.append((connection, request)) }
      }
      while let connection = listener.accept() { connections.append(connection) }
      if !requests.isEmpty { return requests }
      // Only now: its last requests may still have been in the sockets.
      if let status = process?.exitStatus { throw .processEnded(status) }
      // Not only where nothing came: a process that never stops logging is late as well.
      if deadline.hasPassed { throw .timedOut }
    }
  }

  private func isNext(_ request: RuntimeRequest) -> Bool {
    request.method == "GET" && pathComponents(of: request) == ["invocation", "next"]
  }

  /// - Returns: nil for what is no answer to this invocation.
  private func answerKind(of request: RuntimeRequest, requestID: String) -> Answer.Kind? {
    guard request.method == "POST" else { return nil }
    switch pathComponents(of: request) {
    case ["invocation", requestID, "response"]:
      return .response(request.body)
    case ["invocation", requestID, "error"]:
      return .error(
        type: request.headers["lambda-runtime-function-error-type"], body: request.body)
    default:
      return nil
    }
  }

  private func refuse(
    _ request: RuntimeRequest, on connection: ClientConnection, until deadline: Deadline
  ) throws(LocalRuntimeError) {
    if request.method == "POST", pathComponents(of: request) == ["init", "error"] {
      reply(202, "Accepted", to: connection)
      throw .initializationError(body: request.body)
    }
    reply(403, "Forbidden", to: connection)
    // A process that asks without end for what there is not is late as well.
    if deadline.hasPassed { throw .timedOut }
  }

  private func pathComponents(of request: RuntimeRequest) -> [String] {
    let prefix = "/2018-06-01/runtime/"
    guard request.path.hasPrefix(prefix) else { return [] }
    return request.path.dropFirst(prefix.count).split(separator: "/").map(String.init)
  }

  private func reply(_ status: Int, _ reason: String, to connection: ClientConnection) {
    let body = #"{"status":"\#(reason)"}"#
    let head =
      "HTTP/1.1 \(status) \(reason)\r\nContent-Type: application/json\r\n"
      + "Content-Length: \(body.utf8.count)\r\n\r\n"
    _ = connection.send(Array((head + body).utf8))
  }
}

extension UInt64 {
  /// Its last digits, with zeros in front.
  fileprivate func hexadecimal(digits: Int) -> String {
    String((String(repeating: "0", count: digits) + String(self, radix: 16)).suffix(digits))
  }
}

/// How a runtime answered an invocation.
public struct Answer: Sendable, Equatable {
  /// Which of the two calls the runtime answered with.
  public enum Kind: Sendable, Equatable {
    /// The body of `invocation/{id}/response`.
    case response([UInt8])
    /// `invocation/{id}/error`: the type from its header, and the body.
    case error(type: String?, body: [UInt8])
  }

  /// What was answered.
  public var kind: Kind
  /// Of the invocation that was answered.
  public var requestID: String
  /// From the last byte of the event sent to the last byte of the answer received.
  public var elapsed: Duration

  /// Whether the answer is the very bytes of `event`.
  public func echoes(_ event: [UInt8]) -> Bool { kind == .response(event) }
}

/// Why an invocation has no answer.
public enum LocalRuntimeError: Error, Sendable, Equatable {
  /// A system call failed: its name, and `errno`.
  case systemCall(String, Int32)
  /// The process reported that it cannot start.
  case initializationError(body: [UInt8])
  /// The process ended.
  case processEnded(ExitStatus)
  /// The deadline passed first.
  case timedOut
}

/// A fault of the Runtime API, played once in an invocation.
public enum RuntimeFault: Sendable, Equatable {
  /// `next` is answered with this status and no event.
  case nextStatus(Int)
  /// The connection is closed instead of answering `next`; the `next` after it gets the event.
  case closeOnNext
  /// The connection is closed after half of the event; the `next` after it gets all of it.
  case closeInTheMiddleOfTheEvent
  /// The event comes in pieces, with this pause after each.
  case slowEvent(pieces: Int, pause: Duration)
  /// `100 Continue` comes before the answer to `next`.
  case continueBeforeTheEvent
  /// The function's answer is taken, and acknowledged with this status.
  case answerStatus(Int)
  /// The connection is closed when the answer comes, which must then come again.
  case closeOnAnswer
  /// As `closeOnAnswer`, but the answer has been taken: its repetition is refused with 403.
  case closeAfterTakingAnswer
}
