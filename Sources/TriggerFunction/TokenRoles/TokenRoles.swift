import Clock
import CognitoTriggers
import LambdaRuntime
import UserTable

/// Answers a pre token generation event with the roles that the database has for the user.
struct TokenRoles {
  let store: UserStore
  /// Which of Cognito's groups stay beside the roles; nil: none.
  let keptGroups: KeptGroups?

  /// - Returns: the event with the roles as the tokens' groups.
  func perform(
    for event: TriggerEvent, in invocation: Invocation, until deadline: Deadline
  ) -> ActionResult {
    let user: UserKey
    do { user = try UserKey(event) } catch { return ActionResult(.unidentifiedUser(error)) }
    let override: GroupOverride
    do {
      override = try GroupOverride(invocation.payload, keeping: keptGroups)
    } catch {
      return ActionResult(.event(error), user: user)
    }
    let run = store.run(RolesForTokenCall(user), until: deadline)
    switch run.answer {
    case .success(let roles?):
      return ActionResult(
        .replaced(override.answer(groups: roles)),
        ActionReport(outcome: .overridden, times: run.times))
    case .success(nil):
      return ActionResult(.unknownUser, user: user, times: run.times)
    case .failure(let error):
      return ActionResult(.database(error), user: user, times: run.times)
    }
  }
}
