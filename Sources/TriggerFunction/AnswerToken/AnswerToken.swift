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
    var statements = StatementSeries(store: store, deadline: deadline)
    var user: SyncedUser?
    do throws(ActionFailure) {
      let subject: TokenRequest.Subject
      (subject, user) = try self.subject(of: event, for: contents, in: invocation)
      let override = try onEvent { () throws(TokenEventError) in
        try TokenOverride(invocation.payload, keeping: keptGroups)
      }
      let request = TokenRequest(
        for: subject, clientID: event.clientID, triggerSource: event.sourceName,
        wantsRoles: contents.roles, wantsClaims: contents.claims)
      var written: SyncOutcome?
      let found: TokenContents
      if let user, contents.writesUser {
        let answer = try statements.answer(to: SyncUserForTokenCall(user, request))
        (written, found) = (answer.row.outcome, answer.contents)
      } else {
        found = try statements.answer(to: TokenContentsCall(request))
      }
      guard found.isComplete(for: request) else {
        guard contents.isForClient else { throw .unknownUser }
        return ActionResult(.echo, ActionReport(outcome: .passed, times: statements.times))
      }
      let answer = try onEvent { () throws(TokenEventError) in
        try override.answer(groups: found.roles, claims: found.claims)
      }
      return ActionResult(
        .replaced(answer.event),
        ActionReport(
          outcome: .overridden, written: written, times: statements.times, lostClaims: answer.lost))
    } catch {
      return ActionResult(error, user: user?.key, times: statements.times)
    }
  }

  /// - Returns: for whom the token is, and the user as the event shows it; nil where a client gets it for itself.
  private func subject(
    of event: TriggerEvent, for contents: WantedContents, in invocation: Invocation
  ) throws(ActionFailure) -> (TokenRequest.Subject, SyncedUser?) {
    do {
      if contents.isForClient {
        return (.client(userPoolID: try UserKey.userPoolID(of: event)), nil)
      }
      let user = try SyncedUser(
        event, observedAt: invocation.receivedAtTime, requestID: invocation.requestID, at: .token)
      return (.user(user.key), user)
    } catch {
      throw .unidentifiedUser(error)
    }
  }

  private func onEvent<Result>(
    _ step: () throws(TokenEventError) -> Result
  ) throws(ActionFailure) -> Result {
    do { return try step() } catch { throw .event(error) }
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
