import Clock
import FoundationEssentials

/// A Lambda function on loopback: the Invoke API in front, and as many `bootstrap` processes behind it as there are
/// calls at the same time.
///
/// It runs in the caller's thread. A process is started for a call that finds none free, and is ended when it dies, when
/// its file has changed, or after a time-out; the next call then starts another.
public final class LocalFunction {
  /// How many asynchronous calls may wait for a process.
  static let queueLimit = 1000
  /// How long a process may take before it asks for its first event, as on Lambda.
  static let initializationLimit = Duration.seconds(10)

  private let settings: LocalFunctionSettings
  private let server: LocalServer
  private let tell: (LocalFunctionEvent) -> Void
  private var environments: [ExecutionEnvironment] = []
  private var program: ProgramFile?
  /// Each connection's requests are answered in their order.
  private var inbox: [(ClientConnection, ServedRequest)] = []
  /// Those who wait for an environment that has answered.
  private var line: [PendingInvocation] = []
  private var queue: [PendingInvocation] = []
  /// Processes that were asked to end, and until when they may take over it.
  private var ending: [(BootstrapProcess, Deadline)] = []

  /// - Parameters:
  ///   - port: 0 takes any free one.
  ///   - tell: is called with what happens, in the thread that serves.
  /// - Throws: when the port is taken.
  public init(
    _ settings: LocalFunctionSettings, port: UInt16,
    tell: @escaping (LocalFunctionEvent) -> Void
  ) throws(LocalRuntimeError) {
    self.settings = settings
    self.tell = tell
    server = try LocalServer(
      port: port, bodyLimit: InvokeRequest.InvocationType.requestResponse.payloadLimit)
  }

  /// As `http://127.0.0.1:9000`.
  public var url: String { "http://\(server.endpoint)" }

  /// Serves until it is to stop, and then until every invocation in hand has ended, and every process.
  ///
  /// - Parameter isStopping: asked several times a second.
  public func serve(isStopping: () -> Bool) {
    while !isStopping() {
      waitForNews(andCalls: true)
      inbox += server.receive()
      step()
      // Only now: who was busy may be free.
      serveQueues()
      serveInbox()
    }
    if !queue.isEmpty { tell(.dropped(queue.count)) }
    queue = []
    for environment in environments { apply(.stopped, to: environment) }
    while !environments.isEmpty || !ending.isEmpty {
      waitForNews(andCalls: false)
      step()
      // Those in the line were taken before.
      serveQueues()
      for environment in environments { apply(.stopped, to: environment) }
    }
  }

  private func waitForNews(andCalls: Bool) {
    let deadlines = environments.compactMap(\.deadline) + ending.map(\.1)
    // A signal may have come just before the wait; and of those that are ending nothing tells.
    let longest = Deadline.after(.milliseconds(ending.isEmpty ? 200 : 5))
    let end = deadlines.min().map { min($0, longest) } ?? longest
    let calls = andCalls ? server.descriptors : []
    end.waitForReading(onAny: calls + environments.flatMap(\.descriptors))
  }

  // MARK: Calls

  private func serveInbox() {
    var later: [(ClientConnection, ServedRequest)] = []
    for (connection, request) in inbox where !connection.isClosed {
      if isAwaited(by: connection) || later.contains(where: { $0.0 === connection }) {
        later.append((connection, request))
      } else {
        serve(request, from: connection)
      }
    }
    inbox = later
  }

  private func isAwaited(by connection: ClientConnection) -> Bool {
    environments.contains { $0.current?.invocation.caller === connection }
      || line.contains { $0.caller === connection }
  }

  private func serve(_ request: ServedRequest, from connection: ClientConnection) {
    let requestID = UUID().uuidString.lowercased()
    do throws(InvokeRefusal) {
      let call = try InvokeRequest(request, for: settings.function)
      var invocation = PendingInvocation(
        request: call, requestID: requestID, endsConnection: request.endsConnection)
      switch call.type {
      case .dryRun:
        invocation.caller = connection
        reply(.dryRun, to: invocation)
      case .event:
        guard queue.count < Self.queueLimit else { throw InvokeRefusal.throttled }
        queue.append(invocation)
        var asked = invocation
        asked.caller = connection
        reply(.accepted, to: asked)
      case .requestResponse:
        invocation.caller = connection
        guard place(invocation) else { throw InvokeRefusal.throttled }
      }
    } catch {
      tell(.refused(error))
      _ = connection.send(InvokeAnswer.refused(error).bytes(requestID: requestID))
      if request.endsConnection { connection.close() }
    }
  }

  private func reply(_ answer: InvokeAnswer, to invocation: PendingInvocation) {
    guard let caller = invocation.caller else { return }
    _ = caller.send(answer.bytes(requestID: invocation.requestID))
    if invocation.endsConnection { caller.close() }
  }

  /// - Returns: false where there is no environment for it, and none to come.
  private func place(_ invocation: PendingInvocation, isFromLine: Bool = false) -> Bool {
    endReplaced()
    let lives = environments.map(\.life)
    let waiting = isFromLine ? 0 : line.count
    switch Placement(among: lives, waiting: waiting, limit: settings.concurrency) {
    case .environment(let index):
      let environment = environments[index]
      environment.begin(invocation, until: .after(settings.timeout))
      apply(.invoked, to: environment)
    case .new: start(for: invocation)
    case .soon where isFromLine: return false
    case .soon: line.append(invocation)
    case .throttled: return false
    }
    return true
  }

  private func serveQueues() {
    while let first = line.first, place(first, isFromLine: true) { line.removeFirst() }
    while line.isEmpty, let first = queue.first, place(first) {
      queue.removeFirst()
      // It may have got into the line.
      if !line.isEmpty { return }
    }
  }

  // MARK: Environments

  /// Ends the processes of a program that has another file now.
  private func endReplaced() {
    let found = ProgramFile(path: settings.executable)
    guard found != program else { return }
    program = found
    for environment in environments { apply(.replaced, to: environment) }
  }

  private func start(for invocation: PendingInvocation) {
    do {
      let environment = try ExecutionEnvironment(
        executable: settings.executable, environment: settings.processEnvironment)
      environment.begin(invocation, until: .after(Self.initializationLimit))
      environments.append(environment)
    } catch {
      let code = if case .systemCall(_, let code) = error { code } else { Int32(0) }
      let failure = FunctionFailure.notStarted(path: settings.executable, errno: code)
      var log = InvocationLog()
      log.start(requestID: invocation.requestID)
      log.end(
        requestID: invocation.requestID, duration: .zero, initialization: nil,
        memory: (settings.memorySize, 0), failure: failure)
      let tail = invocation.request.wantsLogTail ? log.tail : nil
      reply(.ran(.failed(failure), requestID: invocation.requestID, logTail: tail), to: invocation)
      tell(
        .finished(
          FinishedInvocation(
            invocation, result: .failed(failure), elapsed: .zero, isColdStart: true, log: log.bytes)
        ))
    }
  }

  private func step() {
    for environment in environments {
      for news in environment.news() {
        switch news {
        case .life(.timedOut):
          let limit =
            environment.life.phase == .starting ? Self.initializationLimit : settings.timeout
          environment.setResult(.failed(.timedOut(limit)))
          apply(.timedOut, to: environment)
        case .life(let event): apply(event, to: environment)
        case .answered(let kind):
          environment.setResult(.answered(kind))
          apply(.answered, to: environment)
        case .initializationFailed(let body):
          environment.setResult(.initializationFailed(body: body))
          apply(.initializationFailed, to: environment)
        case .exited(let status):
          environment.setResult(.failed(.exited(status)))
          if environment.life.phase == .idle {
            tell(.ended(status, log: environment.takeStrayLog()))
          }
          apply(.exited, to: environment)
        }
      }
    }
    environments.removeAll { $0.life.phase == .gone }
    ending.removeAll { process, deadline in
      process.readLog()
      return process.exitStatus != nil || deadline.hasPassed
    }
  }

  private func apply(_ event: EnvironmentLife.Event, to environment: ExecutionEnvironment) {
    let isStart = environment.life.phase == .starting && event == .asked
    if isStart { environment.noteInitialization() }
    for effect in environment.life.take(event) {
      switch effect {
      case .handOut: handOut(in: environment)
      case .answer, .fail: answer(environment.current, hasFinished: false)
      case .finish: finish(environment)
      // Lambda gives a runtime nothing but this signal; it is reaped when its time is over.
      case .end:
        environment.process.send(signal: 15)
        ending.append((environment.process, .after(.seconds(2))))
      case .kill: environment.process.send(signal: 9)
      }
    }
  }

  private func handOut(in environment: ExecutionEnvironment) {
    guard let invocation = environment.current?.invocation else { return }
    let envelope = EventEnvelope(
      requestID: invocation.requestID, timeout: settings.timeout,
      functionARN: settings.function.arn(qualifier: invocation.request.qualifier),
      traceID: invocation.request.traceID, clientContext: invocation.request.clientContext)
    environment.handOut(envelope, until: .after(settings.timeout))
  }

  /// The log is only whole when the invocation is over, so who wants it waits for that.
  private func answer(_ current: ExecutionEnvironment.Current?, hasFinished: Bool) {
    guard let current, let result = current.result,
      current.invocation.request.wantsLogTail == hasFinished
    else { return }
    let tail = hasFinished ? current.log.tail : nil
    reply(
      .ran(result, requestID: current.invocation.requestID, logTail: tail), to: current.invocation)
  }

  private func finish(_ environment: ExecutionEnvironment) {
    guard let current = environment.finish(memorySize: settings.memorySize),
      let result = current.result
    else { return }
    answer(current, hasFinished: true)
    tell(
      .finished(
        FinishedInvocation(
          current.invocation, result: result, elapsed: current.elapsed,
          isColdStart: environment.isFirst, log: current.log.bytes)))
  }
}
