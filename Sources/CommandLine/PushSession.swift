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
    StandardError.print("trying again: \(count) changes that had been kept back")
  }

  func writeBack(_ attribute: String) throws {
    var progress = PushProgress()
    let summary = try AttributePusher(
      connection: try database.connect(), cognito: cognito, attribute: attribute
    ).push(
      mayGoOn: { !Interruption.isRequested },
      report: { summary in progress.show("\(summary.set) users were given \(attribute)") })
    StandardError.print(
      "\(summary.set) users were given \(attribute), \(summary.unknown) are not in Cognito")
  }

  /// - Returns: whether nothing was left undone.
  func pushOnce() throws -> Bool {
    let summary = try drain(try database.connect())
    print(asJSON ? jsonLine(summary) : summary.line)
    return summary.postponed == 0 && summary.keptBack == 0 && !Interruption.isRequested
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
          if summary.users > 0 { print(asJSON ? jsonLine(summary) : summary.line) }
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
    var progress = PushProgress()
    return try RolePusher(
      outbox: RoleOutbox(connection: connection), cognito: cognito, createsGroups: createsGroups
    ).drain(
      mayGoOn: { !Interruption.isRequested },
      report: { summary in progress.show("\(summary.users) users pushed") })
  }
}

/// A line every few seconds, for work that takes longer.
struct PushProgress {
  private static let interval = Duration.seconds(5)
  private var last = Instant.now()

  mutating func show(_ line: @autoclosure () -> String) {
    guard last.elapsed >= Self.interval else { return }
    last = .now()
    StandardError.print(line())
  }
}
