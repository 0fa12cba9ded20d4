import Clock
import CognitoAPI
import CognitoPush
import Postgres

/// Drains the outbox of roles when a schedule invokes the function; what it does not get to is left for
/// the next time.
final class ScheduledPush {
  /// Kept for settling what Cognito was told last, and for the answer.
  static let reserve = Duration.milliseconds(700)

  private let cognito: CognitoClient
  private let createsGroups: Bool

  init(cognito: CognitoClient, createsGroups: Bool) {
    self.cognito = cognito
    self.createsGroups = createsGroups
  }

  /// - Parameter deadline: of the invocation.
  func run(
    on store: UserStore, until deadline: Deadline, _ times: inout PhaseTimes
  ) throws(PushError) -> PushSummary {
    let connection: Connection
    do { connection = try store.borrow(until: deadline, &times) } catch { throw .database(error) }
    do {
      return try RolePusher(
        outbox: RoleOutbox(connection: connection), cognito: cognito, createsGroups: createsGroups
      ).drain(until: deadline.capped(at: deadline.remaining - Self.reserve))
    } catch {
      if case .database = error { store.giveUpConnection() }
      throw error
    }
  }
}
