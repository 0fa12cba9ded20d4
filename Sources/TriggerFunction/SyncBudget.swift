import Clock
import LambdaRuntime

/// How long an invocation may take.
///
/// Cognito waits 5 seconds, and its clock runs from before the process was started.
public enum SyncBudget {
  /// Kept for the way of the answer, before Lambda ends the invocation.
  static let reserve = Duration.milliseconds(200)
  /// The part of the first invocation's budget that may go into connecting ahead of it.
  static let startUpConnect = Duration.milliseconds(1500)

  /// How long Cognito waits for a trigger, the start of the process included.
  static let cognitoLimit = Duration.seconds(5)
  /// What a first event gets at least, where the start has used the budget up: enough for a statement.
  static let minimum = Duration.milliseconds(500)

  /// The earlier of Lambda's deadline less the reserve, and `budget` from the event's arrival.
  ///
  /// The first event's budget is less what the start took, but at least `minimum` while Cognito still
  /// waits: a budget that is shorter than the start would fail each cold start's first event.
  public static func deadline(for invocation: Invocation, budget: Duration) -> Deadline {
    let startUp = invocation.startUpTime
    let leftByCognito = cognitoLimit - startUp - reserve
    let least = leftByCognito > .zero ? min(minimum, leftByCognito) : budget - startUp
    let own = Deadline(
      at: invocation.receivedAt.advanced(by: max(budget - startUp, least)))
    return lambdaDeadline(of: invocation).map { min(own, $0) } ?? own
  }

  /// Where nobody waits for the answer: Lambda's deadline less the reserve, and `budget` from now where Lambda says
  /// none.
  static func patientDeadline(for invocation: Invocation, budget: Duration) -> Deadline {
    lambdaDeadline(of: invocation) ?? .after(budget)
  }

  private static func lambdaDeadline(of invocation: Invocation) -> Deadline? {
    invocation.deadline.map { Deadline(at: $0.instant.advanced(by: .zero - reserve)) }
  }
}
