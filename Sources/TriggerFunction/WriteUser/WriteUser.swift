import Clock
import CognitoTriggers
import LambdaRuntime
import UserTable

/// Writes the user of an event, and where that is wished tells Cognito the row's id.
struct WriteUser {
  let store: UserStore
  /// Nil where nothing is written back.
  let writeBack: WriteBack?
  /// Of what the client sent along with a confirmation, what is kept; empty: nothing.
  let clientMetadataKeys: [String]

  /// - Parameters:
  ///   - moment: what the event says beside what the user is like.
  ///   - deadline: for everything; the database goes first.
  /// - Returns: the event as it is.
  func perform(
    for event: TriggerEvent, at moment: UserMoment, in invocation: Invocation,
    until deadline: Deadline
  ) -> ActionResult {
    var user: SyncedUser
    do {
      user = try SyncedUser(
        event, observedAt: invocation.receivedAtTime, requestID: invocation.requestID, at: moment)
    } catch {
      return ActionResult(.unidentifiedUser(error))
    }
    var problem: String?
    if moment == .confirmation, !clientMetadataKeys.isEmpty {
      let sent = ClientMetadata(invocation.payload, keys: clientMetadataKeys)
      user.clientMetadata = sent.json
      user.signUpClientID = event.clientID
      if !sent.refusedKeys.isEmpty {
        problem =
          "the client sent no text of at most \(ClientMetadata.valueLimit) bytes, so that nothing is kept, for: "
          + sent.refusedKeys.joined(separator: ", ")
      }
    }
    let run = store.run(SyncUserCall(user), until: deadline)
    switch run.answer {
    case .success(let row):
      let writeBack = writeBack?.perform(
        for: user, id: row.id, from: event.region, until: deadline)
      return ActionResult(
        .echo,
        ActionReport(
          outcome: Outcome(row.outcome), problem: problem, times: run.times,
          user: writeBack?.isFailure == true ? user.key : nil, writeBack: writeBack))
    case .failure(let error):
      return ActionResult(.database(error), user: user.key, times: run.times)
    }
  }
}
