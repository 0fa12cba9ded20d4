import Clock
import CognitoPush
import CognitoTriggers
import LambdaRuntime
import UserTable

/// What this function can do for an event: one case a feature, for each a folder and a type of that name.
enum Action: Sendable, CaseIterable {
  /// Writes the user of an event.
  case writeUser
  /// Answers with the event and what the tokens are to carry.
  case answerToken
  /// Lets somebody sign up, or does not.
  case decideSignUp
  /// Answers with somebody who was a user before Cognito.
  case migrateUser
  /// Drains the outbox of roles.
  case scheduledPush
  /// Asks Cognito about the user of a change, and writes what it says.
  case followChange
  /// Answers AppSync with the values of fields.
  case resolveFields
}

/// What an action returns: its answer, or why there is none, and in both cases its report.
struct ActionResult {
  /// What to answer after a failure `FailurePolicy` decides.
  var answer: Result<InvocationAnswer, ActionFailure>
  var report: ActionReport

  init(_ answer: InvocationAnswer, _ report: ActionReport) {
    self.answer = .success(answer)
    self.report = report
  }

  /// - Parameters:
  ///   - user: whom it concerns, for an operator to find.
  ///   - times: what had been spent until then.
  init(_ failure: ActionFailure, user: UserKey? = nil, times: PhaseTimes = PhaseTimes()) {
    answer = .failure(failure)
    report = ActionReport(
      outcome: failure.outcome, problem: failure.description, failureClass: failure.failureClass,
      times: times, user: user)
  }
}

/// What is told of an action.
///
/// A failure names the user by pool and `sub`, so that an operator can find it; nothing else of a
/// person is ever logged, at any level.
struct ActionReport {
  var outcome: Outcome
  /// What became of the user's row, where the answer is about something else.
  var written: SyncOutcome?
  var problem: String?
  /// Why a sign-up was decided as it was, or nobody was brought along.
  var reason: String?
  var failureClass: FailureClass?
  var times = PhaseTimes()
  /// What verifying a password took; nil where there was none.
  var hashing: Duration?
  var user: UserKey?
  /// Nil where nothing was to be written back.
  var writeBack: WriteBackResult?
  /// Nil where nobody was to be linked.
  var link: LinkResult?
  /// What the tokens were to carry, and the form of the event could not.
  var lostClaims: [LostClaim] = []
  var pushed: PushSummary?
  /// Nil where AppSync asks for nothing.
  var resolved: ResolvedFields?
  /// Nil where no change at Cognito is told of.
  var change: ToldChange?
}

/// What a record of CloudTrail's tells of.
struct ToldChange: Sendable, Equatable {
  /// Nil for a call that is not followed.
  var call: FollowedCall?
  /// From the call to the record's arrival; nil where the record does not say when the call was made.
  var age: Duration?
}
