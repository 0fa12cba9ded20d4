import Clock
import HTTP

/// Asks for events and answers them, one after the other: the policy over `RuntimeAPI`.
///
/// An invocation is finished only when the next `next` is asked for, and the process may be frozen
/// right after: no work is done between the two.
public struct InvocationLoop {
  /// The waits between attempts to reach a Runtime API that does not answer `next`.
  private static let backOff: [Duration] = [
    .milliseconds(50), .milliseconds(200), .milliseconds(500),
  ]
  /// What an event that is larger than Lambda's own limit is answered with.
  private static let payloadTooLarge = InvocationFailure(
    type: "Function.PayloadTooLarge", message: "The request is too large")

  private let api: RuntimeAPI
  private let handler: any InvocationHandler
  private let log: LambdaLog

  /// - Parameters:
  ///   - api: where events come from and answers go to.
  ///   - handler: called once for each event.
  ///   - log: what goes wrong between the two is written here.
  public init(api: RuntimeAPI, handler: any InvocationHandler, log: LambdaLog) {
    self.api = api
    self.handler = handler
    self.log = log
  }

  /// Runs until the Runtime API is lost.
  /// - Parameter processStart: when the process started.
  /// - Returns: the reason, for the process's last line; it then exits non-zero.
  public func run(processStart: Instant) -> RuntimeLost {
    // An environment that was started ahead of time waits in `next`: that is not start-up time.
    var startUpTime = processStart.elapsed
    do {
      while true {
        // It belongs to the first event alone, even if that one could not be taken.
        defer { startUpTime = .zero }
        FatalSignals.note(.next)
        guard var invocation = try nextInvocation() else { continue }
        invocation.startUpTime = startUpTime
        FatalSignals.note(.handle, requestID: invocation.requestID)
        var answer = handler.handle(invocation)
        try deliver(answer, to: invocation.requestID, echoing: invocation.payload)
        // Some events hold a password or a code, in clear. libcurl has had both in buffers of its own, which it
        // does not clear.
        answer.clear()
        invocation.payload.clear()
      }
    } catch {
      return error
    }
  }

  /// - Returns: nil when the event could not be taken and was answered already.
  private func nextInvocation() throws(RuntimeLost) -> Invocation? {
    var waits = Self.backOff[...]
    while true {
      let failure: RuntimeAPIError
      do {
        return try api.next()
      } catch {
        failure = error
      }
      switch failure {
      case .status(let status):
        throw RuntimeLost("next was answered with status \(status)")
      case .payloadTooLarge(let requestID):
        log.error("the event is too large", LogField("requestId", requestID))
        try deliver(.failure(Self.payloadTooLarge), to: requestID, echoing: [])
        return nil
      case .transport, .missingRequestID:
        guard let wait = waits.popFirst() else {
          throw RuntimeLost("next failed: \(failure)")
        }
        log.warning("next failed, trying again", LogField("error", "\(failure)"))
        Deadline.after(wait).sleep()
      }
    }
  }

  private func deliver(
    _ answer: InvocationAnswer, to requestID: String, echoing payload: [UInt8]
  ) throws(RuntimeLost) {
    FatalSignals.note(.answer, requestID: requestID)
    switch answer {
    case .echo:
      try settle(.response, requestID) { () throws(HTTPError) in
        try api.respond(with: payload, to: requestID)
      }
    case .replaced(let bytes):
      try settle(.response, requestID) { () throws(HTTPError) in
        try api.respond(with: bytes, to: requestID)
      }
    case .failure(let failure):
      try settle(.error, requestID) { () throws(HTTPError) in
        try api.report(failure, for: requestID)
      }
    }
  }

  private func settle(
    _ call: RuntimeCall, _ requestID: String, _ attempt: () throws(HTTPError) -> Int
  ) throws(RuntimeLost) {
    let status = try withOneRetry(call, attempt)
    switch call.decision(forStatus: status) {
    case .goOn: break
    case .logAndGoOn:
      log.warning(
        "the answer was not taken", LogField("requestId", requestID), LogField("status", status))
    case .exit: throw RuntimeLost("\(call.rawValue) was answered with status \(status)")
    }
  }

  private func withOneRetry(
    _ call: RuntimeCall, _ attempt: () throws(HTTPError) -> Int
  ) throws(RuntimeLost) -> Int {
    do {
      return try attempt()
    } catch {
      log.warning("\(call.rawValue) failed, trying again", LogField("error", "\(error)"))
    }
    do {
      return try attempt()
    } catch {
      throw RuntimeLost("\(call.rawValue) failed: \(error)")
    }
  }
}

/// The Runtime API is gone or broken: there is nothing left for this process to do.
public struct RuntimeLost: Error, Sendable, CustomStringConvertible {
  /// Which call failed, and how; for the log.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}

extension RuntimeAPIError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .transport(let error): error.description
    case .status(let status): "status \(status)"
    case .missingRequestID: "the answer has no Lambda-Runtime-Aws-Request-Id"
    case .payloadTooLarge: "the event is too large"
    }
  }
}

/// A call of the Runtime API.
public enum RuntimeCall: String, Sendable, CaseIterable {
  /// `next` gets an event; `response` and `error` answer it.
  case next, response, error
}

/// What a status means for the life of the process.
public enum StatusDecision: Sendable, Equatable {
  /// As it should be.
  case goOn
  /// This invocation is lost or was ended by the platform; the process is well.
  case logAndGoOn
  /// The environment is broken: end the process so that Lambda makes a new one.
  case exit
}

extension RuntimeCall {
  /// - Source: the Runtime API's OpenAPI description, and the behaviour of AWS's own runtimes.
  public func decision(forStatus status: Int) -> StatusDecision {
    switch (self, status) {
    case (.next, 200): .goOn
    case (.next, _): .exit
    case (_, 202): .goOn
    // 400, 403: delivered already, or not ours any more. 410: too late. 413: the platform has
    // recorded the failure itself. None is followed by a call of `error`: that would earn a 403.
    case (_, 200..<300), (_, 400..<500): .logAndGoOn
    case (_, _): .exit
    }
  }
}
