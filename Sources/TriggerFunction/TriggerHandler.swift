import AppSync
import Clock
import CognitoTriggers
import JSON
import LambdaRuntime

/// Recognises an event, has the action done that `TriggerRule` names, and reports it.
///
/// What an action does is its own affair, and what a failure means to Cognito is `FailurePolicy`'s.
public final class TriggerHandler: InvocationHandler {
  private let configuration: Configuration
  private let writeUser: WriteUser
  private let answerToken: AnswerToken
  private let decideSignUp: DecideSignUp
  private let migrateUser: MigrateUser?
  private let linkProvider: LinkProvider?
  private let followChange: FollowChange?
  private let scheduledPush: ScheduledPush?
  private let resolveFields: ResolveFields
  private let diagnose: Diagnose?
  private let metrics: InvocationMetrics?
  private let log: LambdaLog
  private var loggedOnce = LoggedOnce()

  /// - Parameters:
  ///   - diagnose: nil where the doctor is not to be asked.
  ///   - metrics: nil where none are wanted.
  init(
    configuration: Configuration, store: UserStore, cognito: CognitoFeatures = CognitoFeatures(),
    diagnose: Diagnose? = nil, metrics: InvocationMetrics? = nil, log: LambdaLog
  ) {
    self.configuration = configuration
    writeUser = WriteUser(
      store: store, writeBack: cognito.writeBack,
      clientMetadataKeys: configuration.clientMetadataKeys)
    answerToken = AnswerToken(store: store, keptGroups: configuration.keptGroups)
    decideSignUp = DecideSignUp(store: store, policy: configuration.signUp)
    migrateUser = configuration.migration.map { MigrateUser(store: store, settings: $0) }
    linkProvider = cognito.linkProvider
    followChange = cognito.directory.map { FollowChange(store: store, directory: $0) }
    scheduledPush = cognito.roles.map {
      ScheduledPush(
        store: store, cognito: $0, region: configuration.region,
        userPoolIDs: configuration.userPoolIDs, createsGroups: configuration.createsGroups)
    }
    resolveFields = ResolveFields(store: store, configuration: configuration)
    self.diagnose = diagnose
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
    case .change(let record):
      source = nil
      (answer, report) = answerToChange(record, invocation)
    case .fields(let requests):
      source = nil
      (answer, report) = self.answer(to: requests, invocation)
    case .schedule:
      source = nil
      (answer, report) = answerToSchedule(invocation)
    case .doctor:
      source = nil
      (answer, report) = answerToDoctor(invocation)
    case .unknownList:
      source = nil
      (answer, report) = Self.refusal(
        .invalidEvent,
        "the event is a list, and not of AppSync's requests for fields, or each is nested more than "
          + "\(JSONReader.depthLimit) levels deep")
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
      return Self.refusal(.userPoolNotAllowed, Configuration.poolNotServed)
    case .pass:
      if source == nil, loggedOnce.isNew(event.loggableSourceName) {
        log.warning(
          "unknown trigger source: its events are answered unchanged, and not written",
          LogField("triggerSource", event.loggableSourceName))
      }
      return (.echo, ActionReport(outcome: .passed))
    case .write(let moment):
      let result = writeUser.perform(
        for: event, at: moment, in: invocation, until: deadline(for: invocation))
      return answer(after: result, of: .writeUser, source)
    case .answerToken(let contents):
      let result = answerToken.perform(
        for: event, with: contents, in: invocation, until: deadline(for: invocation))
      for lost in result.report.lostClaims where loggedOnce.isNew(lost.description) {
        log.warning(lost.description)
      }
      return answer(after: result, of: .answerToken, source)
    case .migrate:
      guard let migrateUser else { return (.echo, ActionReport(outcome: .passed)) }
      let result = migrateUser.perform(
        for: event, in: invocation, until: deadline(for: invocation))
      return answer(after: result, of: .migrateUser, source)
    case .signUp(let work):
      var decided: (InvocationAnswer, ActionReport) = (.echo, ActionReport(outcome: .passed))
      if work.isDecided {
        let result = decideSignUp.perform(
          for: event, in: invocation, until: deadline(for: invocation))
        decided = answer(after: result, of: .decideSignUp, source)
      }
      return work.isLinked ? link(event, invocation, decided) : decided
    }
  }

  /// Links who may sign up: a sign-up that is refused brings nobody.
  private func link(
    _ event: TriggerEvent, _ invocation: Invocation,
    _ decided: (answer: InvocationAnswer, report: ActionReport)
  ) -> (InvocationAnswer, ActionReport) {
    if case .failure = decided.answer { return decided }
    guard let linkProvider else { return decided }
    let found = linkProvider.perform(for: event, until: deadline(for: invocation))
    var report = decided.report
    report.link = found.result
    report.user = found.native ?? report.user
    return (linkProvider.answer(after: found.result, instead: decided.answer), report)
  }

  private func answerToChange(
    _ record: ChangeRecord, _ invocation: Invocation
  ) -> (InvocationAnswer, ActionReport) {
    guard let followChange else {
      return Self.refusal(.invalidEvent, "a record of CloudTrail's came, and FOLLOW_CHANGES is off")
    }
    var (answer, report): (InvocationAnswer, ActionReport)
    switch ChangeRule(record, servedPools: configuration.userPoolIDs) {
    case .ignore: (answer, report) = (.echo, ActionReport(outcome: .ignored))
    case .unidentified: (answer, report) = (.echo, ActionReport(outcome: .unidentified))
    case .tell(let call):
      let problem =
        "\(call.rawValue) may have changed any number of users: run 'pooltable reconcile'"
      (answer, report) = (.echo, ActionReport(outcome: .ignored, problem: problem))
    case .ask(let subject, let pools):
      let result = followChange.perform(
        for: subject, in: pools, until: patientDeadline(for: invocation))
      (answer, report) = self.answer(after: result, of: .followChange, nil)
    }
    report.change = ToldChange(
      call: record.call,
      age: record.time.flatMap { Timestamp(iso8601: $0) }?.duration(to: invocation.receivedAtTime))
    return (answer, report)
  }

  private func answerToSchedule(_ invocation: Invocation) -> (InvocationAnswer, ActionReport) {
    guard let scheduledPush else {
      return Self.refusal(.invalidEvent, "a schedule came, and PUSH_ON_SCHEDULE is off")
    }
    let result = scheduledPush.perform(until: patientDeadline(for: invocation))
    return answer(after: result, of: .scheduledPush, nil)
  }

  private func answer(
    to requests: FieldRequests, _ invocation: Invocation
  ) -> (InvocationAnswer, ActionReport) {
    guard configuration.answersAppSync else {
      return Self.refusal(.invalidEvent, "AppSync asks for a field, and APPSYNC is off")
    }
    let result = resolveFields.perform(requests, until: patientDeadline(for: invocation))
    return answer(after: result, of: .resolveFields, nil)
  }

  private func answerToDoctor(_ invocation: Invocation) -> (InvocationAnswer, ActionReport) {
    guard let diagnose else {
      return Self.refusal(.invalidEvent, "the doctor is asked for, and DOCTOR is off")
    }
    let result = diagnose.perform(in: invocation, until: patientDeadline(for: invocation))
    return (result.answer, result.report)
  }

  private func patientDeadline(for invocation: Invocation) -> Deadline {
    SyncBudget.patientDeadline(for: invocation, budget: configuration.budget)
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
