import Clock
import LambdaRuntime

/// What is told of one invocation: one log line, and where wanted one of metrics.
struct InvocationReport {
  let requestID: String
  /// Nil where the event names none.
  let triggerSource: String?
  let action: ActionReport
  /// From the arrival of the event to the decision how to answer it.
  let total: Duration

  /// To be made when it is decided how to answer.
  init(_ invocation: Invocation, triggerSource: String?, _ action: ActionReport) {
    requestID = invocation.requestID
    self.triggerSource = triggerSource
    self.action = action
    total = invocation.receivedAt.elapsed
  }

  func write(to log: LambdaLog) {
    let level: LogLevel =
      switch action.outcome {
      case .failed, .refused: .error
      case _ where action.problem != nil: .warning
      case _ where (action.writeBack?.problem ?? action.link?.problem) != nil: .warning
      default: .info
      }
    log.log(level, "invocation", fields)
  }

  /// The request's id first, the others by name.
  private var fields: [LogField] {
    var fields: [LogField] = []
    fields.reserveCapacity(16)
    fields.append(LogField("requestId", requestID))
    if action.times.attempts > 0 { fields.append(LogField("attempts", action.times.attempts)) }
    if let age = action.change?.age { fields.append(LogField("changeAgeMs", age)) }
    if action.times.attempts > 0 { fields.append(LogField("connectMs", action.times.connect)) }
    if let call = action.change?.call { fields.append(LogField("eventName", call.rawValue)) }
    if let resolved = action.resolved {
      if let field = resolved.field { fields.append(LogField("field", field)) }
      fields.append(LogField("fields", resolved.count))
    }
    if let hashing = action.hashing { fields.append(LogField("hashMs", hashing)) }
    if let pushed = action.pushed { fields.append(LogField("keptBack", pushed.keptBack)) }
    if let link = action.link { fields.append(LogField("link", link.name)) }
    fields.append(LogField("outcome", action.outcome.rawValue))
    if let pushed = action.pushed { fields.append(LogField("postponed", pushed.postponed)) }
    if let problem = action.problem ?? action.writeBack?.problem ?? action.link?.problem {
      fields.append(LogField("problem", problem))
    }
    if let pushed = action.pushed { fields.append(LogField("pushedUsers", pushed.users)) }
    if action.times.attempts > 0 { fields.append(LogField("queryMs", action.times.query)) }
    if let reason = action.reason { fields.append(LogField("reason", reason)) }
    if let user = action.user { fields.append(LogField("sub", user.sub.description)) }
    fields.append(LogField("totalMs", total))
    if let triggerSource { fields.append(LogField("triggerSource", triggerSource)) }
    if let user = action.user { fields.append(LogField("userPoolId", user.userPoolID)) }
    if let writeBack = action.writeBack, writeBack != .notNeeded {
      fields.append(LogField("writeBack", writeBack.name))
    }
    if let written = action.written { fields.append(LogField("written", written.rawValue)) }
    return fields
  }
}
