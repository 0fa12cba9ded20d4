import CognitoPush
import CognitoTriggers
import Deadline
import LambdaRuntime
import Logging

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

  func log(to logger: Logger) {
    let level: Logger.Level =
      switch outcome {
      case .failed, .refused: .error
      case .passed where problem != nil: .warning
      case _ where writeBack?.problem != nil: .warning
      default: .info
      }
    guard level >= logger.logLevel else { return }
    var metadata: Logger.Metadata = [
      "requestId": .string(requestID),
      "outcome": .string(outcome.rawValue),
      "totalMs": total.forLog,
    ]
    if let triggerSource { metadata["triggerSource"] = .string(triggerSource) }
    if times.attempts > 0 {
      metadata["attempts"] = .stringConvertible(times.attempts)
      metadata["connectMs"] = times.connect.forLog
      metadata["queryMs"] = times.query.forLog
    }
    if let writeBack, writeBack != .notNeeded { metadata["writeBack"] = .string(writeBack.name) }
    if let pushed {
      metadata["pushedUsers"] = .stringConvertible(pushed.users)
      metadata["postponed"] = .stringConvertible(pushed.postponed)
      metadata["keptBack"] = .stringConvertible(pushed.keptBack)
    }
    if let problem = problem ?? writeBack?.problem { metadata["problem"] = .string(problem) }
    if let user {
      metadata["userPoolId"] = .string(user.userPoolID)
      metadata["sub"] = .string(user.sub.description)
    }
    logger.log(level: level, "invocation", metadata: metadata)
  }
}

extension Duration {
  fileprivate var forLog: Logger.MetadataValue { .stringConvertible(LoggedMilliseconds(self)) }
}
