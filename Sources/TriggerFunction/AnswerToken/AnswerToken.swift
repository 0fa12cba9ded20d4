import Clock
import CognitoTriggers
import LambdaRuntime
import UserTable

/// Answers a pre token generation event with what the database has for the tokens, roles and claims, where that is
/// wished after writing the user.
struct AnswerToken {
  let store: UserStore
  /// Which of Cognito's groups stay beside the roles; nil: none.
  let keptGroups: KeptGroups?

  /// - Parameter contents: what is asked for, all in one round trip. Where the user is written, who has no row gets
  ///   one, and its roles.
  /// - Returns: the event with what the tokens are to carry.
  func perform(
    for event: TriggerEvent, with contents: WantedContents, in invocation: Invocation,
    until deadline: Deadline
  ) -> ActionResult {
    var user: SyncedUser?
    let subject: TokenRequest.Subject
    do {
      if contents.isForClient {
        subject = .client(userPoolID: try UserKey.userPoolID(of: event))
      } else {
        let shown = try SyncedUser(
          event, observedAt: invocation.receivedAtTime, requestID: invocation.requestID, at: .token)
        subject = .user(shown.key)
        user = shown
      }
    } catch {
      return ActionResult(.unidentifiedUser(error))
    }
    let override: TokenOverride
    do {
      override = try TokenOverride(invocation.payload, keeping: keptGroups)
    } catch {
      return ActionResult(.event(error), user: user?.key)
    }
    let request = TokenRequest(
      for: subject, clientID: event.clientID, triggerSource: event.sourceName,
      wantsRoles: contents.roles, wantsClaims: contents.claims)
    var statements = StatementSeries(store: store, deadline: deadline)
    do {
      var written: SyncOutcome?
      let found: TokenContents
      if let user, contents.writesUser {
        let answer = try statements.answer(to: SyncUserForTokenCall(user, request))
        (written, found) = (answer.row.outcome, answer.contents)
      } else {
        found = try statements.answer(to: TokenContentsCall(request))
      }
      guard found.isComplete(for: request) else {
        return contents.isForClient
          ? ActionResult(.echo, ActionReport(outcome: .passed, times: statements.times))
          : ActionResult(.unknownUser, user: user?.key, times: statements.times)
      }
      let answer: (event: [UInt8], lost: [LostClaim])
      do {
        answer = try override.answer(groups: found.roles, claims: found.claims)
      } catch {
        return ActionResult(.event(error), user: user?.key, times: statements.times)
      }
      return ActionResult(
        .replaced(answer.event),
        ActionReport(
          outcome: .overridden, written: written, times: statements.times, lostClaims: answer.lost))
    } catch {
      return ActionResult(error, user: user?.key, times: statements.times)
    }
  }
}

/// What a token is to get, and what is done beside it.
struct WantedContents: Sendable, Equatable {
  /// Whether the groups become the user's roles.
  var roles = false
  var claims = false
  /// Whether the user is written in the same round trip.
  var writesUser = false
  /// Whether a client gets the token for itself: then there is no user, and are no roles.
  var isForClient = false
}
