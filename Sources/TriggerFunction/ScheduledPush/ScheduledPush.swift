import Clock
import CognitoAPI
import CognitoPush
import JSON
import Postgres

/// Drains the outbox of roles when a schedule invokes the function; what it does not get to is left for
/// the next time.
struct ScheduledPush {
  /// Kept for recording what was last sent to Cognito, and for the answer.
  static let reserve = Duration.milliseconds(700)

  let store: UserStore
  let cognito: CognitoClient
  /// AWS's name for where this runs; nil where it does not say.
  let region: String?
  /// Pools that are served; empty: any.
  let userPoolIDs: Set<String>
  /// Whether groups are made that roles name and that are missing.
  let createsGroups: Bool

  /// - Parameter deadline: of the invocation.
  /// - Returns: the event as it is.
  func perform(until deadline: Deadline) -> ActionResult {
    if mayWriteNothing { return ActionResult(.echo, ActionReport(outcome: .secondary)) }
    do {
      let pushed = try drain(until: deadline)
      return ActionResult(.echo, ActionReport(outcome: .pushed, pushed: pushed))
    } catch {
      if case .database = error { store.giveUpConnection() }
      return ActionResult(ActionFailure(error))
    }
  }

  /// Whether every pool that is served has at most a replica here, which may not be written.
  private var mayWriteNothing: Bool {
    guard let region, !userPoolIDs.isEmpty else { return false }
    return userPoolIDs.allSatisfy { UserPoolID($0)?.isReplica(in: region) == true }
  }

  private func drain(until deadline: Deadline) throws(PushError) -> PushSummary {
    let connection: Connection
    do { connection = try store.borrow(until: deadline) } catch { throw .database(error) }
    return try RolePusher(
      outbox: RoleOutbox(connection: connection, region: region), cognito: cognito,
      createsGroups: createsGroups
    ).drain(until: deadline.capped(at: deadline.remaining - Self.reserve))
  }
}

/// An invocation by Amazon EventBridge: a rule with a schedule, or EventBridge Scheduler.
///
/// Source: Amazon EventBridge User Guide, "Events" and "Scheduler: Lambda function as a target".
public struct ScheduledEvent: Sendable, Equatable {
  private static let sources: Set = ["aws.events", "aws.scheduler"]

  /// - Parameter bytes: what Lambda was invoked with. Nil where it is anything else.
  public init?(_ bytes: [UInt8]) {
    guard let event = try? JSONValue(parsing: bytes, allowsByteOrderMark: true).object,
      let source = event["source"]?.string, Self.sources.contains(source)
    else { return nil }
  }
}
