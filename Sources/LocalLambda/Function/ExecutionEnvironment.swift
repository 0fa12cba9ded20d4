import Clock
import FoundationEssentials

/// An invocation on its way.
struct PendingInvocation {
  var request: InvokeRequest
  var requestID: String
  /// Whether the caller's connection ends with the answer.
  var endsConnection = false
  /// Nil where nobody waits for the answer.
  var caller: ClientConnection?
}

/// A `bootstrap` process with a Runtime API of its own.
final class ExecutionEnvironment {
  /// The invocation in hand.
  struct Current {
    var invocation: PendingInvocation
    var deadline: Deadline
    var handedOut: Instant?
    var elapsed = Duration.zero
    var initialization: Duration?
    var result: InvocationResult?
    var log = InvocationLog()
  }

  /// What has happened since it was last asked.
  enum News {
    case life(EnvironmentLife.Event)
    case answered(Answer.Kind)
    case initializationFailed([UInt8])
    case exited(ExitStatus)
  }

  var life = EnvironmentLife()
  var current: Current?
  let process: BootstrapProcess
  /// Whether the invocation in hand, or the last one, was the process' first.
  private(set) var isFirst = true
  private let server: LocalServer
  private let started = Instant.now()
  private var exchange = RuntimeExchange()
  /// The connection whose `next` is not answered yet.
  private var waiting: ClientConnection?
  /// What the process wrote with no invocation in hand.
  private var strayLog = InvocationLog()

  /// - Parameter environment: of the process, but for the address of its Runtime API.
  init(executable: String, environment: [String: String]) throws(LocalRuntimeError) {
    server = try LocalServer(bodyLimit: RuntimeReply.payloadLimit)
    var environment = environment
    environment["AWS_LAMBDA_RUNTIME_API"] = server.endpoint
    process = try BootstrapProcess(
      executable: executable, environment: environment, isInOwnGroup: true)
  }

  var descriptors: [Int32] {
    server.descriptors + [process.logDescriptor].compactMap(\.self)
  }

  /// When something must happen at the latest; nil while it is idle.
  var deadline: Deadline? {
    guard life.isBusy else { return nil }
    // Nothing tells of the end of a process that has closed its standard error.
    if process.logDescriptor == nil { return current?.deadline.capped(at: .milliseconds(10)) }
    return current?.deadline
  }

  /// Takes an invocation; it is sent when the runtime asks.
  ///
  /// - Parameter deadline: of its start, where this is its first.
  func begin(_ invocation: PendingInvocation, until deadline: Deadline) {
    isFirst = life.phase == .starting
    current = Current(invocation: invocation, deadline: deadline)
    current?.log.append(strayLog.bytes)
    strayLog = InvocationLog()
    exchange.begin(invocation.requestID)
  }

  /// Sends the event to the runtime that waits for it.
  func handOut(_ envelope: EventEnvelope, until deadline: Deadline) {
    guard let connection = waiting, let invocation = current?.invocation else { return }
    waiting = nil
    if current?.handedOut == nil {
      current?.log.start(requestID: invocation.requestID)
      current?.handedOut = .now()
      current?.deadline = deadline
    }
    // A connection that breaks here brings a new `next`, which gets the same event again.
    if connection.send(envelope.response(with: invocation.request.payload)) { exchange.handOut() }
  }

  /// Notes that the invocation in hand is the process' first, which was ready just now.
  func noteInitialization() {
    current?.initialization = started.elapsed
  }

  /// The first result counts: a process that answers and then dies has answered.
  func setResult(_ result: InvocationResult) {
    guard let begun = current, begun.result == nil else { return }
    current?.result = result
    current?.elapsed = begun.handedOut?.elapsed ?? started.elapsed
  }

  /// Looks at process and sockets; never waits.
  func news() -> [News] {
    // Before the sockets: what the process sent before its end is in them.
    let status = process.exitStatus
    var news: [News] = []
    for (connection, request) in server.receive() {
      switch exchange.take(request) {
      case .next:
        waiting = connection
        takeLog()
        news.append(.life(.asked))
      case .answer(let kind, let reply):
        _ = connection.send(reply.bytes)
        news.append(.answered(kind))
      case .initializationError(let body, let reply):
        _ = connection.send(reply.bytes)
        takeLog()
        news.append(.initializationFailed(body))
      case .refusal(let reply):
        _ = connection.send(reply.bytes)
      }
    }
    takeLog()
    if let status {
      news.append(.exited(status))
    } else if let current, life.isBusy, current.deadline.hasPassed {
      news.append(.life(.timedOut))
    }
    return news
  }

  /// Ends the invocation's log, and gives the invocation away.
  func finish(memorySize: Int) -> Current? {
    takeLog()
    guard var finished = current else { return nil }
    current = nil
    let failure: FunctionFailure? =
      if case .failed(let failure) = finished.result { failure } else { nil }
    if finished.handedOut == nil { finished.log.start(requestID: finished.invocation.requestID) }
    finished.log.end(
      requestID: finished.invocation.requestID, duration: finished.elapsed,
      initialization: finished.initialization,
      memory: (memorySize, memoryUsed), failure: failure)
    return finished
  }

  /// What the process wrote with no invocation in hand.
  func takeStrayLog() -> [UInt8] {
    takeLog()
    defer { strayLog = InvocationLog() }
    return strayLog.bytes
  }

  private func takeLog() {
    let written = process.takeLog()
    if current != nil { current?.log.append(written) } else { strayLog.append(written) }
  }

  /// In MB, at most so far; 0 once the process is gone.
  private var memoryUsed: Int {
    let path = "/proc/\(process.processID)/status"
    let status = FileManager.default.contents(atPath: path).map {
      String(decoding: $0, as: UTF8.self)
    }
    let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let kilobytes = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
    return (kilobytes.flatMap { Int($0) } ?? 0) / 1024
  }
}
