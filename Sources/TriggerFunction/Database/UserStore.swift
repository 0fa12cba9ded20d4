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

  /// - Parameters:
  ///   - parameters: of the connection.
  ///   - credentials: where its user and password come from.
  ///   - idleLimit: a connection that was unused for longer is opened anew.
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
  /// The first attempt gets half of the time, so that a second, on a fresh connection, has a chance; of a statement that
  /// is not short only connecting does, and one that has spent the time is not run again.
  func run<Statement: TableStatement>(
    _ statement: Statement, until deadline: Deadline
  ) -> StatementRun<Statement.Answer> {
    let half = deadline.slice(of: 2)
    let first = attempt(
      statement, connectingUntil: half, until: statement.isShort ? half : deadline)
    guard case .failure(let error) = first.answer, error.isWorthAnotherAttempt,
      statement.mayBeRepeated || !error.mayHaveTakenEffect, !deadline.hasPassed
    else { return first }
    pause(after: error, until: deadline)
    let second = attempt(statement, connectingUntil: deadline, until: deadline)
    return StatementRun(answer: second.answer, times: first.times + second.times)
  }

  /// The connection, for statements that are not the user's; it must be left as it was.
  func borrow(until deadline: Deadline) throws(PostgresError) -> Connection {
    defer { lastUsed = .now() }
    if let standingConnection { return standingConnection }
    return try newConnection(until: deadline)
  }

  /// The next statement gets a connection of its own.
  func giveUpConnection() {
    connection = nil
  }

  private func attempt<Statement: TableStatement>(
    _ statement: Statement, connectingUntil connectDeadline: Deadline, until deadline: Deadline
  ) -> StatementRun<Statement.Answer> {
    var times = PhaseTimes(attempts: 1)
    let usable: Connection
    if let connection = standingConnection {
      usable = connection
    } else {
      let start = Instant.now()
      let opened = Result { () throws(PostgresError) in
        try newConnection(until: connectDeadline)
      }
      times.connect = start.elapsed
      switch opened {
      case .success(let connection): usable = connection
      case .failure(let error): return StatementRun(answer: .failure(error), times: times)
      }
    }
    let start = Instant.now()
    let answer = Result { () throws(PostgresError) in
      try self.answer(to: statement, over: usable, until: deadline)
    }
    times.query = start.elapsed
    return StatementRun(answer: answer, times: times)
  }

  private func answer<Statement: TableStatement>(
    to statement: Statement, over connection: Connection, until deadline: Deadline
  ) throws(PostgresError) -> Statement.Answer {
    do {
      let result = try connection.query(statement.sql, statement.parameters, until: deadline)
      lastUsed = .now()
      return try statement.answer(in: result)
    } catch {
      if error.leavesConnectionInDoubt { self.connection = nil }
      throw error
    }
  }

  /// Nil where a new one is to be opened.
  private var standingConnection: Connection? {
    guard let connection, lastUsed.duration(to: .now()) <= idleLimit, connection.stillStands()
    else { return nil }
    return connection
  }

  private func newConnection(until deadline: Deadline) throws(PostgresError) -> Connection {
    connection = nil
    let keptForTheStatement = min(.milliseconds(500), deadline.remaining / 4)
    try connect(until: deadline.capped(at: deadline.remaining - keptForTheStatement))
    guard let connection else { throw .connectionLost }
    return connection
  }

  /// A server that refuses at once (starting up, out of connections) needs a moment.
  private func pause(after error: PostgresError, until deadline: Deadline) {
    switch error {
    case .connectFailed, .hostNotFound, .connectionRefusedByServer, .attemptsFailed,
      .credentialsUnavailable:
      Deadline.after(min(.milliseconds(250), deadline.remaining / 4)).sleep()
    default: break
    }
  }
}
