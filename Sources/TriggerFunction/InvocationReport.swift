import Clock
import CognitoPush
import CognitoTriggers
import LambdaRuntime
import UserTable

/// What is told of one invocation: one log line, and where wanted one of metrics.
///
/// A failure names the user by pool and `sub`, so that an operator can find it; nothing else of a
/// person is ever logged, at any level.
struct InvocationReport {
  var triggerSource: String?
  var outcome = Outcome.passed
  var times = PhaseTimes()
  var problem: String?
  var failureClass: FailureClass?
  var user: UserKey?
  /// Nil where nothing was to be written back.
  var writeBack: WriteBackResult?
  var pushed: PushSummary?
  /// From the arrival of the event to the decision how to answer it.
  private(set) var total = Duration.zero
  let requestID: String
  private let start: Instant

  init(_ invocation: Invocation) {
    requestID = invocation.requestID
    start = invocation.receivedAt
  }

  mutating func end() {
    total = start.elapsed
  }

  func write(to log: LambdaLog) {
    let level: LogLevel =
      switch outcome {
      case .failed, .refused: .error
      case .passed where problem != nil: .warning
      case _ where writeBack?.problem != nil: .warning
      default: .info
      }
    log.log(level, "invocation", fields)
  }

  /// The request's id first, the others by name.
  private var fields: [LogField] {
    var fields: [LogField] = []
    fields.reserveCapacity(16)
    fields.append(LogField("requestId", requestID))
    if times.attempts > 0 {
      fields.append(LogField("attempts", times.attempts))
      fields.append(LogField("connectMs", times.connect))
    }
    if let pushed { fields.append(LogField("keptBack", pushed.keptBack)) }
    fields.append(LogField("outcome", outcome.rawValue))
    if let pushed { fields.append(LogField("postponed", pushed.postponed)) }
    if let problem = problem ?? writeBack?.problem { fields.append(LogField("problem", problem)) }
    if let pushed { fields.append(LogField("pushedUsers", pushed.users)) }
    if times.attempts > 0 { fields.append(LogField("queryMs", times.query)) }
    if let user { fields.append(LogField("sub", user.sub.description)) }
    fields.append(LogField("totalMs", total))
    if let triggerSource { fields.append(LogField("triggerSource", triggerSource)) }
    if let user { fields.append(LogField("userPoolId", user.userPoolID)) }
    if let writeBack, writeBack != .notNeeded {
      fields.append(LogField("writeBack", writeBack.name))
    }
    return fields
  }
}
