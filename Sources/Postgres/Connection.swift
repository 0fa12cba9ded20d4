import CLibPQ
import Clock

/// One connection to PostgreSQL that never waits past a deadline.
///
/// Waiting is done here with `poll`; libpq is only asked for steps that cannot block. After a
/// time-out or a lost connection it is closed: `isOpen` is false and every use throws `connectionLost`.
/// A statement that timed out is not cancelled: `PQcancel` would open a second, blocking connection,
/// and some poolers do not know it. The role's `statement_timeout` ends it on the server.
public final class Connection {
  private static let unaskedReadLimit = 16

  private(set) var handle: OpaquePointer?

  init(handle: OpaquePointer) {
    self.handle = handle
  }

  deinit { close() }

  /// Whether the connection can still be used, as far as is known.
  public var isOpen: Bool { handle != nil }

  /// Ends the connection; does nothing when it has ended already.
  public func close() {
    PQfinish(handle)
    handle = nil
  }

  /// Whether an idle connection is still up, as far as this side can tell without a round trip.
  ///
  /// Reads what the server may have sent meanwhile: the end of the stream, or the notice that it
  /// terminates the connection.
  public func stillStands() -> Bool {
    guard let handle else { return false }
    let atOnce = Deadline(at: .now())
    var reads = 0
    while atOnce.wait(for: .reading, on: PQsocket(handle)) {
      reads += 1
      // A server has little to say unasked: one that keeps sending is out of step.
      guard reads <= Self.unaskedReadLimit, PQconsumeInput(handle) == 1, PQisBusy(handle) == 0
      else {
        close()
        return false
      }
    }
    if PQstatus(handle) != CONNECTION_OK { close() }
    return isOpen
  }

  /// Runs one unnamed, unprepared statement: one round trip, and nothing that a pooler must remember.
  ///
  /// - Parameters:
  ///   - sql: one statement with `$1`…; it casts them (`$1::uuid`) where their place does not say the type.
  ///   - parameters: in PostgreSQL's text format; nil is NULL.
  ///   - deadline: for the whole answer; a connection that misses it is closed.
  public func query(
    _ sql: String, _ parameters: [String?] = [], until deadline: Deadline
  ) throws(PostgresError) -> QueryResult {
    try send(sql, parameters, until: deadline)
    return try answer(until: deadline)
  }

  /// The first half of `query`: the server is at work when this returns. `answer` must be the next call; the
  /// caller may do other work in between.
  public func send(
    _ sql: String, _ parameters: [String?] = [], until deadline: Deadline
  ) throws(PostgresError) {
    if let position = parameters.firstIndex(where: { $0.map(holdsNUL) == true }) {
      throw .parameterHoldsNUL(position + 1)
    }
    try send(until: deadline) { handle in
      withCStrings(parameters) { values in
        PQsendQueryParams(
          handle, sql, Int32(values.count), nil, values.baseAddress, nil, nil, 0)
      }
    }
  }

  /// The second half of `query`.
  ///
  /// - Returns: the last statement's result.
  /// - Throws: the server's error, or why there is no answer.
  public func answer(until deadline: Deadline) throws(PostgresError) -> QueryResult {
    guard let result = try results(until: deadline).last else {
      throw .unexpectedAnswer("no result")
    }
    return result
  }

  /// Runs a script of several statements, as a migration is; it has no parameters.
  public func execute(script: String, until deadline: Deadline) throws(PostgresError) {
    try send(until: deadline) { handle in PQsendQuery(handle, script) }
    _ = try results(until: deadline)
  }

  private func send(
    until deadline: Deadline, _ send: (OpaquePointer) -> Int32
  ) throws(PostgresError) {
    guard let handle else { throw .connectionLost }
    guard send(handle) == 1 else { throw closing(.connectionLost) }
    try flush(handle, until: deadline)
  }

  /// Collects all results; the first error among them is thrown once all are read.
  private func results(until deadline: Deadline) throws(PostgresError) -> [QueryResult] {
    guard let handle else { throw .connectionLost }
    var results: [QueryResult] = []
    var failure: PostgresError?
    while let result = try nextResult(handle, until: deadline) {
      if result.isCopy { throw closing(.unexpectedAnswer("COPY")) }
      if let error = result.error {
        // The server has gone, whether or not the end of the stream is here yet.
        if error.endsConnection { throw closing(failure ?? error) }
        failure = failure ?? error
      } else {
        results.append(result)
      }
    }
    // The error that comes with a broken connection is libpq's or the server's farewell.
    if PQstatus(handle) != CONNECTION_OK { close() }
    if let failure { throw failure }
    return results
  }

  /// Sends all that is buffered, reading meanwhile: a server whose own output is stuck stops reading.
  private func flush(_ handle: OpaquePointer, until deadline: Deadline) throws(PostgresError) {
    while true {
      let pending = PQflush(handle)
      if pending == 0 { return }
      guard pending == 1 else { throw closing(.connectionLost) }
      guard deadline.wait(for: .readingOrWriting, on: PQsocket(handle)) else {
        throw closing(.timedOut(.query))
      }
      guard PQconsumeInput(handle) == 1 else { throw closing(.connectionLost) }
      // A peer that never stops sending keeps the socket readable for ever; so below.
      if deadline.hasPassed { throw closing(.timedOut(.query)) }
    }
  }

  private func nextResult(
    _ handle: OpaquePointer, until deadline: Deadline
  ) throws(PostgresError) -> QueryResult? {
    while PQisBusy(handle) == 1 {
      guard deadline.wait(for: .reading, on: PQsocket(handle)) else {
        throw closing(.timedOut(.query))
      }
      guard PQconsumeInput(handle) == 1 else { throw closing(.connectionLost) }
      if PQisBusy(handle) == 1, deadline.hasPassed { throw closing(.timedOut(.query)) }
    }
    return PQgetResult(handle).map(QueryResult.init)
  }

  private func closing(_ error: PostgresError) -> PostgresError {
    close()
    return error
  }

  /// libpq's last message with its line breaks folded.
  var errorMessageOnOneLine: String {
    guard let handle, let message = PQerrorMessage(handle) else { return "" }
    return String(cString: message)
      .split(whereSeparator: \.isNewline)
      .map { line in line.drop(while: \.isWhitespace) }
      .joined(separator: "; ")
  }
}

extension Connection {
  /// Waits for a notification on a channel that `LISTEN` has named; takes all that have arrived.
  ///
  /// Over a direct connection only: a pooler in transaction mode knows no `LISTEN`.
  /// - Returns: whether one came before the deadline.
  public func waitForNotification(until deadline: Deadline) throws(PostgresError) -> Bool {
    while true {
      guard let handle else { throw .connectionLost }
      if takeNotifications(from: handle) { return true }
      guard deadline.wait(for: .reading, on: PQsocket(handle)) else { return false }
      guard PQconsumeInput(handle) == 1, PQstatus(handle) == CONNECTION_OK else {
        close()
        throw .connectionLost
      }
      // A peer that never stops sending keeps the socket readable for ever.
      if deadline.hasPassed { return takeNotifications(from: handle) }
    }
  }

  private func takeNotifications(from handle: OpaquePointer) -> Bool {
    var isAny = false
    while let notification = PQnotifies(handle) {
      PQfreemem(notification)
      isAny = true
    }
    return isAny
  }
}
