import Clock
import Postgres
import UserTable

/// Runs the handler's statements, one for each event, over one connection that is kept.
public final class UserStore {
  private let source: ConnectionSource
  private let idleLimit: Duration
  private var connection: Connection?
  /// On the wall clock: the monotonic one may stand still while Lambda freezes the process.
  private var lastUsed = Timestamp.now()

  public init(
    parameters: ConnectionParameters, credentials: DatabaseCredentials = .connectionString,
    idleLimit: Duration
  ) {
    source = ConnectionSource(parameters, credentials)
    self.idleLimit = idleLimit
  }

  /// Opens the connection ahead of the first user.
  public func connect(until deadline: Deadline) throws(PostgresError) {
    connection = try source.open(until: deadline)
    lastUsed = .now()
  }

  /// Runs `statement`; after a failure that may pass, once more.
  ///
  /// The first attempt gets half of the time, so that a second, on a fresh connection, has a chance.
  ///
  /// - Parameter times: what it costs is added to them, also where it fails.
  func run<Statement: TableStatement>(
    _ statement: Statement, until deadline: Deadline, _ times: inout PhaseTimes
  ) throws(PostgresError) -> Statement.Answer {
    do {
      return try attempt(statement, until: deadline.slice(of: 2), &times)
    } catch {
      guard error.isWorthAnotherAttempt, !deadline.hasPassed else { throw error }
      pause(after: error, until: deadline)
    }
    return try attempt(statement, until: deadline, &times)
  }

  /// The connection, for statements that are not the user's; it must be left as it was.
  func borrow(
    until deadline: Deadline, _ times: inout PhaseTimes
  ) throws(PostgresError) -> Connection {
    let connection = try usableConnection(until: deadline, &times)
    lastUsed = .now()
    return connection
  }

  /// The next statement gets a connection of its own.
  func giveUpConnection() {
    connection = nil
  }

  private func attempt<Statement: TableStatement>(
    _ statement: Statement, until deadline: Deadline, _ times: inout PhaseTimes
  ) throws(PostgresError) -> Statement.Answer {
    times.attempts += 1
    let connection = try usableConnection(until: deadline, &times)
    let start = Instant.now()
    defer { times.query += start.elapsed }
    do {
      let result = try connection.query(statement.sql, statement.parameters, until: deadline)
      lastUsed = .now()
      return try statement.answer(in: result)
    } catch {
      if error.leavesConnectionInDoubt { self.connection = nil }
      throw error
    }
  }

  private func usableConnection(
    until deadline: Deadline, _ times: inout PhaseTimes
  ) throws(PostgresError) -> Connection {
    if let connection, lastUsed.duration(to: .now()) <= idleLimit, connection.stillStands() {
      return connection
    }
    connection = nil
    let start = Instant.now()
    defer { times.connect += start.elapsed }
    let keptForTheStatement = min(.milliseconds(500), deadline.remaining / 4)
    try connect(until: deadline.capped(at: deadline.remaining - keptForTheStatement))
    guard let connection else { throw .connectionLost }
    return connection
  }

  /// A server that refuses at once (starting up, out of connections) needs a moment.
  private func pause(after error: PostgresError, until deadline: Deadline) {
    switch error {
    case .connectFailed, .connectionRefusedByServer, .attemptsFailed, .credentialsUnavailable:
      Deadline.after(min(.milliseconds(250), deadline.remaining / 4)).sleep()
    default: break
    }
  }
}

/// What a statement cost, by phase; all attempts together.
struct PhaseTimes: Sendable, Equatable {
  var attempts = 0
  var connect = Duration.zero
  var query = Duration.zero
}

extension PostgresError {
  /// Whether the next statement had better not use this connection.
  ///
  /// After a lost lock, a deadlock or a bad value the connection is as good as before. After all else
  /// it may not be: a server that has become read-only, for one, calls for looking the host up anew.
  fileprivate var leavesConnectionInDoubt: Bool {
    guard case .statementFailed(let error) = self else { return true }
    switch error.state.code {
    case "40001", "40P01", "55P03": return false
    default: return !["22", "23"].contains(error.state.errorClass)
    }
  }
}
