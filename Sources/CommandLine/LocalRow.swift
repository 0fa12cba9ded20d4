import Clock
import CognitoTriggers
import JSON
import LocalLambda

/// What became of one invocation of a local function.
struct LocalRow: Equatable {
  var requestID: String
  var triggerSource: String?
  /// As the function's log has it, or what kept it from having one.
  var outcome: String
  /// What is wrong, where something is.
  var problem: String?
  var milliseconds: Double
  var isColdStart: Bool
  var isAsynchronous: Bool

  init(_ invocation: FinishedInvocation, report: InvocationLine?) {
    requestID = invocation.requestID
    triggerSource = EventName.of(invocation.event)
    milliseconds = invocation.elapsed.milliseconds
    isColdStart = invocation.isColdStart
    isAsynchronous = invocation.isAsynchronous
    switch invocation.result {
    case .answered(.response): outcome = report?.outcome ?? "answered"
    case .answered(.error(let type, _)):
      outcome = report?.outcome ?? "failed"
      problem = type
    case .initializationFailed(let body):
      outcome = "failed"
      let said = (try? JSONValue(parsing: body))?.object?["errorMessage"]?.string
      problem = "bootstrap could not start: \(said ?? "it does not say why")"
    case .failed(let failure):
      outcome = failure.outcome
      problem = failure.message
    }
  }

  /// - Parameter end: when it was over, shown in the time zone of whoever looks.
  func line(at end: Timestamp) -> String {
    let columns = [
      end.clockText, (triggerSource ?? "-").padded(to: TriggerSource.nameWidth),
      outcome.padded(to: 10),
      milliseconds.withTwoDecimals.paddedLeft(to: 8), isColdStart ? "cold" : "warm",
    ]
    return (columns + [isAsynchronous ? "Event" : nil, problem].compactMap(\.self))
      .joined(separator: "  ")
  }
}

extension FunctionFailure {
  fileprivate var outcome: String {
    switch self {
    case .timedOut: "timed out"
    case .exited: "exited"
    case .notStarted, .responseTooLarge: "failed"
    }
  }
}

extension LocalRow: JSONWritable {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("asynchronous", isAsynchronous)
      json.member("cold", isColdStart)
      json.member("milliseconds", JSONNumber(toThousandth: milliseconds))
      json.member("outcome", outcome)
      json.member("problem", problem)
      json.member("requestId", requestID)
      json.member("triggerSource", triggerSource)
    }
  }
}
