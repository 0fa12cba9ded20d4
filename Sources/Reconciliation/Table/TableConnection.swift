import Clock
import CognitoAPI
import Postgres

/// The connection of a run: opened again when it is lost, and holding the pool's lock.
///
/// Not through a pooler in transaction mode: the lock is the session's.
public final class TableConnection {
  public typealias Open = () throws(PostgresError) -> Connection

  /// Any number will do, as long as no other program locks with it: "pool" in ASCII.
  private static let lockClass = 0x706F_6F6C
  static let timeout = Duration.seconds(60)

  private let pool: UserPoolID
  private let open: Open
  private let remedy: (SQLState) -> String?
  let stop: StopRequest
  private var current: Connection?
  private var hadLock = false

  /// - Parameter remedy: what can be done about an SQLSTATE, for the texts of a run; nil where nothing is to
  ///   be said.
  public init(
    pool: UserPoolID, until stop: StopRequest = StopRequest(),
    remedy: @escaping (SQLState) -> String? = { _ in nil }, open: @escaping Open
  ) {
    self.pool = pool
    self.stop = stop
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
    let lock = try connection.query(
      "SELECT pg_try_advisory_lock($1::integer, hashtext($2::text))",
      ["\(Self.lockClass)", pool.text], until: .after(Self.timeout))
    guard lock.text(row: 0, column: 0) == "t" else { throw Self.locked }
    hadLock = true
    current = connection
    return connection
  }

  /// Does `body`, again and again while what fails may pass by itself.
  func perform<Result>(
    _ body: (Connection) throws(PostgresError) -> Result
  ) throws(ReconciliationError) -> Result {
    var patience = Patience(until: stop)
    while true {
      do {
        return try body(try connection())
      } catch {
        try waitAfter(error, with: &patience)
      }
    }
  }

  func query(
    _ sql: String, _ parameters: [String?] = [], within timeout: Duration = TableConnection.timeout
  ) throws(ReconciliationError) -> QueryResult {
    try perform { (connection) throws(PostgresError) in
      try connection.query(sql, parameters, until: .after(timeout))
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
