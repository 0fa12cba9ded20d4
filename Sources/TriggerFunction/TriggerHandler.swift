import Clock
import CognitoTriggers
import LambdaRuntime

/// Recognises an event, has the action done that `TriggerRule` names, and reports it.
///
/// What an action does is its own affair, and what a failure means to Cognito is `FailurePolicy`'s.
public final class TriggerHandler: InvocationHandler {
  private let configuration: Configuration
  private let writeUser: WriteUser
  private let tokenRoles: TokenRoles
  private let scheduledPush: ScheduledPush?
  private let metrics: InvocationMetrics?
  private let log: LambdaLog
  private var unknownSources = UnknownSources()

  /// - Parameter metrics: nil where none are wanted.
  init(
    configuration: Configuration, store: UserStore, cognito: CognitoFeatures = CognitoFeatures(),
    metrics: InvocationMetrics? = nil, log: LambdaLog
  ) {
    self.configuration = configuration
    writeUser = WriteUser(store: store, writeBack: cognito.writeBack)
    tokenRoles = TokenRoles(store: store, keptGroups: configuration.keptGroups)
    scheduledPush = cognito.roles.map {
      ScheduledPush(store: store, cognito: $0, createsGroups: configuration.createsGroups)
    }
    self.metrics = metrics
    self.log = log
  }

  /// Answers one event, and reports what became of it.
  public func handle(_ invocation: Invocation) -> InvocationAnswer {
    let source: String?
    let answer: InvocationAnswer
    let report: ActionReport
    switch IncomingEvent(invocation.payload) {
    case .trigger(let event):
      source = event.loggableSourceName
      (answer, report) = self.answer(to: event, invocation)
    case .schedule:
      source = nil
      (answer, report) = answerToSchedule(invocation)
    case .unrecognized(let error):
      source = nil
      (answer, report) = Self.refusal(.invalidEvent, error.description)
    }
    let told = InvocationReport(invocation, triggerSource: source, report)
    told.write(to: log)
    metrics?.record(told)
    return answer
  }

  private func answer(
    to event: TriggerEvent, _ invocation: Invocation
  ) -> (InvocationAnswer, ActionReport) {
    let source = event.source
    switch TriggerRule(source: source, userPoolID: event.userPoolID, in: configuration) {
    case .refuse:
      return Self.refusal(.userPoolNotAllowed, "the user pool is not in USER_POOL_IDS")
    case .pass:
      if let name = unknownSources.news(of: event) {
        log.warning(
          "unknown trigger source: its events are answered unchanged, and not written",
          LogField("triggerSource", name))
      }
      return (.echo, ActionReport(outcome: .passed))
    case .write(let moment):
      let result = writeUser.perform(
        for: event, at: moment, in: invocation, until: deadline(for: invocation))
      return answer(after: result, of: .writeUser, source)
    case .overrideGroups:
      let result = tokenRoles.perform(
        for: event, in: invocation, until: deadline(for: invocation))
      return answer(after: result, of: .tokenRoles, source)
    }
  }

  private func answerToSchedule(_ invocation: Invocation) -> (InvocationAnswer, ActionReport) {
    guard let scheduledPush else {
      return Self.refusal(.invalidEvent, TriggerEventError.noTriggerSource.description)
    }
    // Nobody waits for the answer: all of the function's time may be used.
    let deadline = invocation.deadline ?? .after(configuration.budget)
    return answer(after: scheduledPush.perform(until: deadline), of: .scheduledPush, nil)
  }

  private func deadline(for invocation: Invocation) -> Deadline {
    SyncBudget.deadline(for: invocation, budget: configuration.budget)
  }

  private func answer(
    after result: ActionResult, of action: Action, _ trigger: TriggerSource?
  ) -> (InvocationAnswer, ActionReport) {
    switch result.answer {
    case .success(let answer):
      return (answer, result.report)
    case .failure(let failure):
      let answer = FailurePolicy.answer(
        after: failure, of: action, trigger, in: configuration)
      return (answer, result.report)
    }
  }

  private static func refusal(
    _ failure: InvocationFailure, _ problem: String
  ) -> (InvocationAnswer, ActionReport) {
    (.failure(failure), ActionReport(outcome: .refused, problem: problem))
  }
}

extension InvocationFailure {
  fileprivate static let invalidEvent = InvocationFailure(
    type: "Function.InvalidEvent", message: "The request could not be understood")
  fileprivate static let userPoolNotAllowed = InvocationFailure(
    type: "Function.UserPoolNotAllowed", message: "This user pool is not served here")
}
