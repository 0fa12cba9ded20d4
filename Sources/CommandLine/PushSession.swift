import CognitoAPI
import CognitoPush
import Deadline
import Glibc
import Postgres

/// One run of `pooltable push`: once, or until interrupted.
struct PushSession {
  /// Without a notification (changes that are tried again send none) it is looked at as often as this.
  private static let pollInterval = Duration.seconds(5)
  /// How soon an interruption is seen while waiting.
  private static let slice = Duration.milliseconds(250)
  private static let reconnect = BackOff(base: .seconds(1), cap: .seconds(30))

  let database: DatabaseOptions
  let cognito: CognitoClient
  let createsGroups: Bool
  let asJSON: Bool

  func retryKeptBack() throws {
    let count = try OutboxStatus.retryKeptBack(
      on: try database.connect(), until: .after(.seconds(60)))
    StandardError.print("trying again: \(count.counted("change")) that had been kept with an error")
  }

  /// - Returns: whether nobody was refused.
  func writeBack(_ attribute: String) throws -> Bool {
    var progress = ProgressDisplay("row ids written back", isSilent: asJSON)
    let summary = try AttributePusher(
      connection: try database.connect(), cognito: cognito, attribute: attribute
    ).push(
      mayGoOn: { !Interruption.isRequested },
      report: { summary, refusal in
        progress.show(summary.set, fraction: nil)
        guard let refusal else { return }
        progress.clear()
        StandardError.print("refused: \(refusal.sub): \(refusal.1)")
      })
    progress.clear()
    StandardError.print(
      "\(attribute): given to \(summary.set.counted("user")), \(summary.refused.grouped) refused, "
        + "\(summary.unknown.grouped) not in Cognito")
    return summary.refused == 0
  }

  /// - Returns: whether nothing was left undone.
  func pushOnce() throws -> Bool {
    let connection = try database.connect()
    let summary = try drain(connection)
    let left = try OutboxStatus(on: connection, limit: 0, until: .after(.seconds(60)))
    let report = PushReport(summary, left: left)
    print(asJSON ? jsonLine(report) : report.line)
    return report.isComplete(interrupted: Interruption.isRequested)
  }

  /// Pushes until interrupted, whatever happens to the database or to Cognito meanwhile.
  /// - Returns: true: what is left undone is in the outbox.
  func watch() -> Bool {
    var failures = 0
    var random = SystemRandomNumberGenerator()
    while !Interruption.isRequested {
      do {
        let connection = try database.connect()
        // Before the first look, so that no change falls between the two.
        _ = try connection.query("LISTEN cognito_role_outbox", until: .after(.seconds(10)))
        while !Interruption.isRequested {
          let summary = try drain(connection)
          failures = 0
          if summary.users > 0 {
            let left = try OutboxStatus(on: connection, limit: 0, until: .after(.seconds(60)))
            let report = PushReport(summary, left: left)
            print(asJSON ? jsonLine(report) : report.line)
          }
          fflush(nil)
          try awaitChange(on: connection)
        }
      } catch {
        failures += 1
        let wait = Self.reconnect.limit(afterFailures: failures)
        StandardError.print("\(error); trying again within \(wait.components.seconds) s")
        let delay = Self.reconnect.wait(afterFailures: failures, using: &random)
        let deadline = Deadline.after(delay)
        while !deadline.hasPassed, !Interruption.isRequested {
          deadline.capped(at: Self.slice).sleep()
        }
      }
    }
    return true
  }

  private func awaitChange(on connection: Connection) throws(PostgresError) {
    let deadline = Deadline.after(Self.pollInterval)
    while !deadline.hasPassed, !Interruption.isRequested {
      if try connection.waitForNotification(until: deadline.capped(at: Self.slice)) { return }
    }
  }

  private func drain(_ connection: Connection) throws(PushError) -> PushSummary {
    var progress = ProgressDisplay("users pushed", isSilent: asJSON)
    defer { progress.clear() }
    return try RolePusher(
      outbox: RoleOutbox(connection: connection), cognito: cognito, createsGroups: createsGroups
    ).drain(
      mayGoOn: { !Interruption.isRequested },
      report: { progress.show($0.users, fraction: nil) })
  }
}
