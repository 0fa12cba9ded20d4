import Clock
import CognitoTriggers
import LambdaRuntime
import UserTable

/// Lets somebody sign up, or does not.
struct DecideSignUp {
  let store: UserStore
  let policy: SignUpPolicy

  /// The lists go first: whom they refuse, the database is not asked about.
  ///
  /// - Returns: the event, which may confirm the user, or an error that Cognito shows.
  func perform(
    for event: TriggerEvent, in invocation: Invocation, until deadline: Deadline
  ) -> ActionResult {
    if let refusal = policy.emailDomains.refusal(of: event.attributes.text(of: "email")) {
      return declined(ActionReport(outcome: .declined, reason: refusal.rawValue))
    }
    guard policy.asksDatabase else {
      return ActionResult(.echo, ActionReport(outcome: .admitted))
    }
    let details = SignUpEvent(invocation.payload)
    let run = store.run(DecideSignUpCall(SignUpRequest(event, details)), until: deadline)
    let decision: SignUpDecision
    switch run.answer {
    case .success(let answer): decision = answer
    case .failure(let error): return ActionResult(.database(error), times: run.times)
    }
    let report = ActionReport(
      outcome: decision.isAllowed ? .admitted : .declined,
      reason: decision.reason.map { $0.isLoggable ? $0 : "(a reason that is not shown)" },
      times: run.times)
    guard decision.isAllowed else { return declined(report) }
    // Cognito ignores what is answered for a user whom an administrator creates.
    guard decision.confirms, event.source != .preSignUpAdminCreateUser else {
      return ActionResult(.echo, report)
    }
    do {
      return ActionResult(.replaced(try details.confirmed()), report)
    } catch {
      return ActionResult(.signUpEvent(error), times: run.times)
    }
  }

  private func declined(_ report: ActionReport) -> ActionResult {
    let failure = InvocationFailure(
      type: "Function.SignUpRefused", message: policy.refusedMessage)
    return ActionResult(.failure(failure), report)
  }
}
