import Clock
import FoundationEssentials

// A Lambda on loopback, with a real `bootstrap` in it. `LocalRuntime` plays the Runtime API to one process, for
// `pooltable replay` and the tests, and plays its faults when told to; `LocalFunction` has the Invoke API in front and
// starts processes as they are needed, for `pooltable local`.
//
// What a runtime sees of both is `RuntimeExchange`'s. Never linked into `bootstrap`; no wait without a deadline.

/// A Lambda Runtime API on loopback, for one runtime process.
///
/// It runs in the caller's thread: requests are only looked at inside `invoke`, so that nothing else runs while
/// a time is measured. A `next` that arrives meanwhile waits in its socket, as on Lambda.
public final class LocalRuntime {
  private let server: LocalServer
  private var exchange = RuntimeExchange()
  /// The connection whose `next` is not answered yet.
  private var waiting: ClientConnection?

  /// - Parameter port: 0 takes any free one.
  public init(port: UInt16 = 0) throws(LocalRuntimeError) {
    server = try LocalServer(port: port)
  }

  /// `HOST:PORT`, the value for `AWS_LAMBDA_RUNTIME_API`.
  public var endpoint: String { server.endpoint }

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
    let envelope = envelope ?? EventEnvelope(requestID: UUID().uuidString.lowercased())
    var fault = fault
    var sentAt: Instant?
    var taken: Answer?
    exchange.begin(envelope.requestID)
    defer { exchange.end() }
    while true {
      if let connection = waiting {
        waiting = nil
        // A connection that breaks here brings a new `next`, which gets the same event again.
        let isSent = hand(out: event, in: envelope, to: connection, &fault, until: deadline)
        sentAt = isSent ? .now() : nil
        if isSent { exchange.handOut() }
      }
      for (connection, request) in try nextRequests(process, until: deadline) {
        switch exchange.take(request) {
        case .next:
          waiting = connection
          if let taken { return taken }
        case .answer(let kind, let reply):
          let answer = Answer(
            kind: kind, requestID: envelope.requestID, elapsed: sentAt?.elapsed ?? .zero)
          switch fault {
          case .closeOnAnswer:
            fault = nil
            exchange.handOut()
            connection.close()
          case .closeAfterTakingAnswer:
            taken = answer
            connection.close()
          case .answerStatus(let status):
            send(RuntimeReply(status: status, json: #"{"status":"Status"}"#), to: connection)
            return answer
          default:
            send(reply, to: connection)
            return answer
          }
        case .initializationError(let body, let reply):
          send(reply, to: connection)
          throw .initializationError(body: body)
        case .refusal(let reply):
          try refuse(with: reply, on: connection, until: deadline)
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
        switch exchange.take(request) {
        case .next: waiting = connection
        case .initializationError(let body, let reply):
          send(reply, to: connection)
          throw .initializationError(body: body)
        case .answer(_, let reply), .refusal(let reply):
          try refuse(with: reply, on: connection, until: deadline)
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
      send(RuntimeReply(status: status, json: #"{"status":"Status"}"#), to: connection)
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

  /// Waits for requests. - Returns: those that are whole.
  private func nextRequests(
    _ process: BootstrapProcess?, until deadline: Deadline
  ) throws(LocalRuntimeError) -> [(ClientConnection, ServedRequest)] {
    while true {
      if waiting?.isClosed == true { waiting = nil }
      let descriptors = server.descriptors + [process?.logDescriptor].compactMap(\.self)
      // Nothing tells of the end of a process that has closed its standard error: it is checked now and then.
      let isUnheard = process.map { $0.logDescriptor == nil } ?? false
      let end = isUnheard ? deadline.capped(at: .milliseconds(10)) : deadline
      end.waitForReading(onAny: descriptors)
      process?.readLog()

      let requests = server.receive()
      if !requests.isEmpty { return requests }
      // Only now: its last requests may still have been in the sockets.
      if let status = process?.exitStatus { throw .processEnded(status) }
      // Not only where nothing came: a process that never stops logging is late as well.
      if deadline.hasPassed { throw .timedOut }
    }
  }

  private func refuse(
    with reply: RuntimeReply, on connection: ClientConnection, until deadline: Deadline
  ) throws(LocalRuntimeError) {
    send(reply, to: connection)
    // A process that asks without end for what there is not is late as well.
    if deadline.hasPassed { throw .timedOut }
  }

  private func send(_ reply: RuntimeReply, to connection: ClientConnection) {
    _ = connection.send(reply.bytes)
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
