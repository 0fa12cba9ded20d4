import Clock
import CognitoAPI
import Postgres
import UserTable

/// The connection of a run: opened again when it is lost, and holding the pool's lock.
///
/// Not through a pooler in transaction mode: the lock is the session's.
public final class TableConnection {
  /// Opens a connection, by the login that owns the schema.
  public typealias Open = () throws(PostgresError) -> Connection

  static let timeout = Duration.seconds(60)

  private let pool: UserPoolID
  private let open: Open
  private let remedy: (SQLState) -> String?
  let stop: StopRequest
  private let waits: WaitNotice
  private var current: Connection?
  private var hadLock = false

  /// Opens nothing yet.
  ///
  /// - Parameters:
  ///   - pool: whose reconciliations are locked.
  ///   - stop: ends every wait.
  ///   - waits: called before each wait for another attempt.
  ///   - remedy: what can be done about an SQLSTATE, for the texts of a run; nil where nothing is to be said.
  ///   - open: called for the first connection, and for each after one that was lost.
  public init(
    pool: UserPoolID, until stop: StopRequest = StopRequest(),
    waits: @escaping WaitNotice = { _, _ in },
    remedy: @escaping (SQLState) -> String? = { _ in nil }, open: @escaping Open
  ) {
    self.pool = pool
    self.stop = stop
    self.waits = waits
    self.open = open
    self.remedy = remedy
  }

  /// Whether there is one as far as is known.
  var isOpen: Bool { current?.isOpen == true }

  /// - Throws: what may pass by itself when tried again, unless it is the first connection.
  func connection() throws(PostgresError) -> Connection {
    if let current, current.isOpen { return current }
    current = nil
    let connection = try open()
    // A crash of the server loses at most the last moments, and where the run was with them.
    try connection.execute(
      script: "SET synchronous_commit = off", until: .after(Self.timeout))
    let lock = LockReconciliations(ofPool: pool.text)
    guard try connection.run(lock, until: .after(Self.timeout)) else { throw Self.locked }
    hadLock = true
    current = connection
    return connection
  }

  /// A new one, for attempts that are repeated.
  func patience() -> Patience { Patience(until: stop, tell: waits) }

  /// Runs a statement, again and again while what fails may pass by itself.
  ///
  /// - Parameter timeout: for one attempt.
  func run<Statement: TableStatement>(
    _ statement: Statement, within timeout: Duration = TableConnection.timeout
  ) throws(ReconciliationError) -> Statement.Answer {
    var patience = patience()
    while true {
      do {
        return try connection().run(statement, until: .after(timeout))
      } catch {
        try waitAfter(error, with: &patience)
      }
    }
  }

  /// Returns when another attempt is worth it.
  func waitAfter(
    _ error: PostgresError, with patience: inout Patience
  ) throws(ReconciliationError) {
    if error == Self.locked {
      // After a lost connection the server may not have noticed yet, and keeps the lock for us.
      guard hadLock else { throw .alreadyRunning }
    } else {
      guard error.mayPass else { throw .database(error) }
    }
    let cause = text(of: .database(error))
    guard patience.wait(after: cause) else {
      throw stop.isMade ? .listing(.interrupted(while: cause)) : .database(error)
    }
  }

  /// What is wrong, and what can be done about it.
  func text(of error: ReconciliationError) -> String { error.description(withRemedies: remedy) }

  private static let locked = PostgresError.unexpectedAnswer("the pool is locked")
}
