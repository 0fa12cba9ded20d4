import Deadline
import LambdaRuntime

/// How long an invocation may take.
///
/// Cognito waits 5 seconds, and its clock runs from before the process was started.
public enum SyncBudget {
  /// Kept for the way of the answer, before Lambda ends the invocation.
  static let reserve = Duration.milliseconds(200)
  /// The part of the first invocation's budget that may go into connecting ahead of it.
  static let startUpConnect = Duration.milliseconds(1500)

  /// The earlier of Lambda's deadline less the reserve, and `budget` from the event's arrival, the
  /// first time less what the start took.
  public static func deadline(for invocation: Invocation, budget: Duration) -> Deadline {
    let own = Deadline(
      at: invocation.receivedAt.advanced(by: budget - invocation.startUpTime))
    guard let lambda = invocation.deadline else { return own }
    return min(own, Deadline(at: lambda.instant.advanced(by: .zero - reserve)))
  }
}
