import Clock
import CognitoTriggers
import LambdaRuntime
import Postgres
import UserTable

/// The way of an event: decode, decide, write or read, answer.
public final class TriggerHandler: InvocationHandler {
  private let configuration: Configuration
  private let store: UserStore
  private let cognito: CognitoFeatures
  private let metrics: InvocationMetrics?
  private let log: LambdaLog
  private var reportedSources: Set<String> = []

  /// - Parameter metrics: nil where none are wanted.
  init(
    configuration: Configuration, store: UserStore, cognito: CognitoFeatures = CognitoFeatures(),
    metrics: InvocationMetrics? = nil, log: LambdaLog
  ) {
    self.configuration = configuration
    self.store = store
    self.cognito = cognito
    self.metrics = metrics
    self.log = log
  }

  public func handle(_ invocation: Invocation) -> InvocationAnswer {
    var report = InvocationReport(invocation)
    let answer = answer(to: invocation, &report)
    report.end()
    report.write(to: log)
    metrics?.record(report)
    return answer
  }

  private func answer(
    to invocation: Invocation, _ report: inout InvocationReport
  ) -> InvocationAnswer {
    let event: TriggerEvent
    do {
      event = try TriggerEvent(invocation.payload)
    } catch {
      if let push = cognito.scheduledPush, error == .noTriggerSource,
        ScheduledEvent(invocation.payload) != nil
      {
        return drainOutbox(push, for: invocation, &report)
      }
      report.problem = error.description
      report.outcome = .refused
      return .failure(.invalidEvent)
    }
    report.triggerSource = event.loggableSourceName
    switch TriggerRule(
      source: event.source, userPoolID: event.userPoolID, in: configuration)
    {
    case .refuse:
      report.problem = "the user pool is not in USER_POOL_IDS"
      report.outcome = .refused
      return .failure(.userPoolNotAllowed)
    case .pass:
      warnOnce(aboutUnknownSourceOf: event)
      return .echo
    case .write(let moment):
      do {
        let user = try SyncedUser(
          event, observedAt: invocation.receivedAtTime, requestID: invocation.requestID, at: moment)
        return write(user, from: event, for: invocation, &report)
      } catch {
        // Old events have no sub. Such a user cannot be keyed, and must not be locked out for it.
        report.problem = error.rawValue
        return .echo
      }
    case .overrideGroups:
      do {
        return overrideGroups(of: try UserKey(event), for: invocation, &report)
      } catch {
        report.problem = error.rawValue
        return .echo
      }
    }
  }

  private func write(
    _ user: SyncedUser, from event: TriggerEvent, for invocation: Invocation,
    _ report: inout InvocationReport
  ) -> InvocationAnswer {
    let deadline = SyncBudget.deadline(for: invocation, budget: configuration.budget)
    do {
      let result = try store.run(SyncUserCall(user), until: deadline, &report.times)
      report.outcome = Outcome(result.outcome)
      if let writeBack = cognito.writeBack {
        report.writeBack = writeBack.perform(for: user, id: result.id, until: deadline)
        if report.writeBack?.isFailure == true { report.user = user.key }
      }
      return .echo
    } catch {
      report.outcome = .failed
      report.problem = error.description
      report.failureClass = FailureClass(error)
      report.user = user.key
      switch FailurePolicy(for: event.source, in: configuration) {
      case .continue: return .echo
      case .fail: return .failure(.databaseUnavailable)
      }
    }
  }

  /// Never a failure of the trigger: without an override the tokens carry the groups that Cognito knows.
  private func overrideGroups(
    of user: UserKey, for invocation: Invocation, _ report: inout InvocationReport
  ) -> InvocationAnswer {
    let deadline = SyncBudget.deadline(for: invocation, budget: configuration.budget)
    do {
      let answer = try TokenRoles(store: store, keptGroups: configuration.keptGroups).answer(
        to: invocation.payload, about: user, until: deadline, &report.times)
      report.outcome = .overridden
      return .replaced(answer)
    } catch {
      report.outcome = .failed
      report.problem = error.description
      report.failureClass = error.failureClass
      report.user = user
      return .echo
    }
  }

  private func drainOutbox(
    _ push: ScheduledPush, for invocation: Invocation, _ report: inout InvocationReport
  ) -> InvocationAnswer {
    // Nobody waits for the answer: all of the function's time may be used.
    let deadline = invocation.deadline ?? .after(configuration.budget)
    do {
      report.pushed = try push.run(on: store, until: deadline, &report.times)
      report.outcome = .pushed
      return .echo
    } catch {
      report.outcome = .failed
      report.problem = error.description
      report.failureClass = FailureClass(error)
      return .failure(.rolesNotPushed)
    }
  }

  private func warnOnce(aboutUnknownSourceOf event: TriggerEvent) {
    // The bound keeps a caller that invents names from filling the memory.
    guard event.source == nil, reportedSources.count < 100 else { return }
    let name = event.loggableSourceName
    guard reportedSources.insert(name).inserted else { return }
    log.warning(
      "unknown trigger source: its events are answered unchanged, and not written",
      LogField("triggerSource", name))
  }
}

extension InvocationFailure {
  static let invalidEvent = InvocationFailure(
    type: "Function.InvalidEvent", message: "The request could not be understood")
  static let userPoolNotAllowed = InvocationFailure(
    type: "Function.UserPoolNotAllowed", message: "This user pool is not served here")
  /// For Lambda's own count of errors: no user sees it.
  static let rolesNotPushed = InvocationFailure(
    type: "Function.RolesNotPushed", message: "The roles could not be pushed; the log says why")
  static let databaseUnavailable = InvocationFailure(
    type: "Function.DatabaseUnavailable",
    message: "The account could not be saved, please try again in a moment")
}

extension TriggerEvent {
  /// The source's name where it looks like one: what else may stand there is not for a log.
  fileprivate var loggableSourceName: String {
    let isName =
      sourceName.utf8.count <= 64
      && sourceName.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
    return isName ? sourceName : "(not a name)"
  }
}
