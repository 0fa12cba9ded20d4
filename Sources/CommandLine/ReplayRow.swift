import AppSync
import Clock
import CognitoTriggers
import JSON
import LocalLambda
import TriggerFunction

/// What became of one event.
struct ReplayRow: Equatable {
  /// Where the event is from: a file, perhaps with a line.
  var file: String
  /// Of a record of CloudTrail's the followed call; `-` for what is neither.
  var triggerSource: String
  var outcome: Outcome
  /// What became of writing the row's id back; nil where that was not needed.
  var writeBack: String?
  var isIdentical: Bool
  /// The event's `response` with what was put into it, or the answer to AppSync, an error as well; nil where the event
  /// came back as it was.
  var response: JSONValue?
  var milliseconds: Double
  /// Whether this is as it should be: the very bytes, the event with an answer in its response, what AppSync asked for or
  /// an error that is meant for the client, or a refusal with a reason.
  var isAsExpected: Bool

  init(file: String, event: [UInt8], answer: Answer, report: InvocationLine?) {
    let decoded = try? TriggerEvent(event)
    self.file = file
    triggerSource = EventName.of(event) ?? "-"
    isIdentical = answer.echoes(event)
    milliseconds = answer.elapsed.milliseconds
    // Without the log's word for it nothing is known to have gone well.
    outcome = report?.outcome.flatMap(Outcome.init) ?? .failed
    writeBack = report?.writeBack
    let isRefusal =
      switch answer.kind {
      case .response: false
      case .error("Function.InvalidEvent", _): outcome == .refused && decoded == nil
      case .error("Function.UserPoolNotAllowed", _): outcome == .refused && decoded != nil
      case .error("Function.SignUpRefused", _): outcome == .declined && decoded != nil
      // After a link, with LINK_ANSWER=retry.
      case .error("Function.SignInAgain", _): decoded != nil
      case .error: false
      }
    // Nothing of it but its response may differ.
    let isOverride =
      if case .response(let bytes) = answer.kind,
        [.overridden, .admitted, .migrated].contains(outcome)
      {
        decoded != nil && (try? TriggerEvent(bytes)) == decoded
      } else {
        false
      }
    let fields = outcome == .resolved ? answer.fields(asked: FieldRequests(event)) : nil
    if let fields {
      response = fields.shown
    } else if isOverride, !isIdentical, case .response(let bytes) = answer.kind {
      let answered = try? JSONValue(parsing: bytes, allowsByteOrderMark: true)
      response = answered?.object?["response"]
    }
    isAsExpected =
      (isIdentical && report != nil) || isOverride || fields?.hasInternalError == false || isRefusal
  }
}

extension Answer {
  /// What AppSync was answered.
  ///
  /// - Parameter requests: what it asked for; nil gives nil.
  fileprivate func fields(
    asked requests: FieldRequests?
  ) -> (shown: JSONValue?, hasInternalError: Bool)? {
    guard let requests else { return nil }
    let shown: JSONValue?
    let errors: [JSONValue]
    switch (kind, requests) {
    case (.response(let bytes), .batch):
      shown = try? JSONValue(parsing: bytes)
      errors = if case .array(let answers)? = shown { answers } else { [] }
    case (.response(let bytes), .one):
      // A value may look like anything.
      shown = try? JSONValue(parsing: bytes)
      errors = []
    case (.error(_, let body), _):
      shown = try? JSONValue(parsing: body)
      errors = [shown].compactMap(\.self)
    }
    let internalError = FieldFailure.Kind.internalError.rawValue
    return (shown, errors.contains { $0.object?["errorType"]?.string == internalError })
  }
}
