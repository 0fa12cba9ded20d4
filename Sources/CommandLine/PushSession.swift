import Clock
import CognitoAPI
import CognitoPush
import Glibc
import Postgres
import TriggerFunction
import UserTable

/// One run of `pooltable push`: once, or until interrupted.
struct PushSession {
  /// Without a notification (changes that are tried again send none) it is looked at as often as this.
  private static let pollInterval = Duration.seconds(5)
  /// How soon an interruption is seen while waiting.
  private static let slice = Duration.milliseconds(250)
  private static let reconnect = BackOff(base: .seconds(1), cap: .seconds(30))

  let database: DatabaseOptions
  let cognito: CognitoClient
  let region: String?
  let createsGroups: Bool
  let asJSON: Bool

  func retryKeptBack() throws {
    let outbox = RoleOutbox(connection: try database.connect())
    let count = try outbox.retryKeptBack(until: .after(.seconds(60)))
    StandardError.print("trying again: \(count.counted("change")) that had been kept with an error")
  }

  /// - Returns: whether it came to its end, and nobody was refused.
  func writeBack(_ attribute: String) throws -> Bool {
    var progress = ProgressDisplay("row id", "written back", isSilent: asJSON)
    let summary = try AttributePusher(
      connection: try database.connect(), cognito: cognito, attribute: attribute
    ).push(
      from: region, mayGoOn: { !Interruption.isRequested },
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
    return summary.refused == 0 && !Interruption.isRequested
  }

  /// - Returns: whether nothing was left undone.
  func pushOnce() throws -> Bool {
    let connection = try database.connect()
    let summary: PushSummary
    do throws(PushError) { summary = try drain(connection) } catch {
      if case .refused(_, let done) = error { _ = try tell(done, on: connection) }
      throw error
    }
    return try tell(summary, on: connection).isComplete(interrupted: Interruption.isRequested)
  }

  /// Says what was done, and what is left.
  private func tell(
    _ summary: PushSummary, on connection: Connection
  ) throws(PostgresError) -> PushReport {
    let report = PushReport(summary, left: try left(on: connection))
    print(asJSON ? report.jsonText : report.line)
    return report
  }

  /// Pushes until interrupted: what passes by itself (the database, Cognito or the way there are away) is
  /// waited for. What is left undone is in the outbox.
  ///
  /// - Throws: what no waiting mends: a setting is wrong.
  func watch() throws {
    let parameters = try database.parameters()
    var failures = 0
    var random = SystemRandomNumberGenerator()
    while !Interruption.isRequested {
      do {
        try follow(parameters) { failures = 0 }
      } catch {
        guard error.mayPass else { throw CommandFailure(Self.told(error)) }
        failures += 1
        let wait = Self.reconnect.limit(afterFailures: failures)
        StandardError.print(
          "\(Self.told(error)); trying again within \(wait.components.seconds) s, ^C ends")
        let delay = Self.reconnect.wait(afterFailures: failures, using: &random)
        Deadline.after(delay).sleep(unless: { Interruption.isRequested })
      }
    }
  }

  /// Pushes over one connection until interrupted.
  /// - Parameter succeeded: called after each push.
  private func follow(
    _ parameters: ConnectionParameters, succeeded: () -> Void
  ) throws(PushError) {
    do {
      let connection = try Connection.open(parameters, until: .after(.seconds(15)))
      // Before the first look, so that no change falls between the two.
      try connection.run(ListenForRoleChanges(), until: .after(.seconds(10)))
      while !Interruption.isRequested {
        let summary = try drain(connection)
        succeeded()
        if summary.users > 0 { _ = try tell(summary, on: connection) }
        fflush(nil)
        try awaitChange(on: connection)
      }
    } catch let error as PostgresError {
      throw .database(error)
    } catch let error as PushError {
      throw error
    } catch {
      throw .database(.unexpectedAnswer("\(error)"))
    }
  }

  private static func told(_ error: PushError) -> String {
    switch error {
    case .database(let error): "the database: \(error.withRemedy)"
    case .cognito, .refused: error.description
    }
  }

  private func awaitChange(on connection: Connection) throws(PostgresError) {
    let deadline = Deadline.after(Self.pollInterval)
    while !deadline.hasPassed, !Interruption.isRequested {
      if try connection.waitForNotification(until: deadline.capped(at: Self.slice)) { return }
    }
  }

  private func drain(_ connection: Connection) throws(PushError) -> PushSummary {
    var progress = ProgressDisplay("user", "pushed", isSilent: asJSON)
    defer { progress.clear() }
    return try RolePusher(
      outbox: RoleOutbox(connection: connection, region: region), cognito: cognito,
      createsGroups: createsGroups
    ).drain(
      mayGoOn: { !Interruption.isRequested },
      report: { progress.show($0.users, fraction: nil) })
  }

  /// - Returns: nil where the login is the function's, which may drain the outbox and not look into it.
  private func left(on connection: Connection) throws(PostgresError) -> OutboxStatus? {
    do {
      return try RoleOutbox(connection: connection).status(limit: 0, until: .after(.seconds(60)))
    } catch {
      guard error.state?.code == "42501" else { throw error }
      return nil
    }
  }
}
