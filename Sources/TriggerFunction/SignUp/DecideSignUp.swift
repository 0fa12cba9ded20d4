import CognitoTriggers
import LambdaRuntime

/// Lets somebody sign up, or does not.
struct DecideSignUp {
  let policy: SignUpPolicy

  /// - Returns: the event as it is, or an error that Cognito shows.
  func perform(for event: TriggerEvent) -> ActionResult {
    if let refusal = policy.emailDomains.refusal(of: event.attributes.text(of: "email")) {
      return declined(refusal.rawValue)
    }
    return ActionResult(.echo, ActionReport(outcome: .admitted))
  }

  private func declined(_ reason: String) -> ActionResult {
    let failure = InvocationFailure(
      type: "Function.SignUpRefused", message: policy.refusedMessage)
    return ActionResult(
      .failure(failure), ActionReport(outcome: .declined, reason: reason))
  }
}
