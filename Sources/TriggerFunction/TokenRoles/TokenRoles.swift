import Clock
import CognitoTriggers
import LambdaRuntime
import UserTable

/// Answers a pre token generation event with the roles that the database has for the user, where that is wished
/// after writing the user.
struct TokenRoles {
  let store: UserStore
  /// Which of Cognito's groups stay beside the roles; nil: none.
  let keptGroups: KeptGroups?

  /// - Parameter writesUser: whether the user is written in the same round trip: who has no row gets one, and its
  ///   roles.
  /// - Returns: the event with the roles as the tokens' groups.
  func perform(
    for event: TriggerEvent, writesUser: Bool, in invocation: Invocation, until deadline: Deadline
  ) -> ActionResult {
    let user: SyncedUser
    do {
      user = try SyncedUser(
        event, observedAt: invocation.receivedAtTime, requestID: invocation.requestID, at: .token)
    } catch {
      return ActionResult(.unidentifiedUser(error))
    }
    let override: GroupOverride
    do {
      override = try GroupOverride(invocation.payload, keeping: keptGroups)
    } catch {
      return ActionResult(.event(error), user: user.key)
    }
    var statements = StatementSeries(store: store, deadline: deadline)
    do {
      var written: SyncOutcome?
      let roles: [String]?
      if writesUser {
        let answer = try statements.answer(to: SyncUserForTokenCall(user))
        (written, roles) = (answer.row.outcome, answer.roles)
      } else {
        roles = try statements.answer(to: RolesForTokenCall(user.key))
      }
      guard let roles else {
        return ActionResult(.unknownUser, user: user.key, times: statements.times)
      }
      return ActionResult(
        .replaced(override.answer(groups: roles)),
        ActionReport(outcome: .overridden, written: written, times: statements.times))
    } catch {
      return ActionResult(error, user: user.key, times: statements.times)
    }
  }
}
