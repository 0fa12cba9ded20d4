import CLibPQ
import Clock
import Glibc

extension Connection {
  /// Opens a connection; every host and every address of a host gets an equal slice of the time.
  ///
  /// libpq's own `connect_timeout` is of no use here: `PQconnectPoll` ignores it.
  /// - Throws: the attempt's error; where there were several, `attemptsFailed`, which names each.
  public static func open(
    _ parameters: ConnectionParameters, until deadline: Deadline
  ) throws(PostgresError) -> Connection {
    var generator = SystemRandomNumberGenerator()
    var attempts = ConnectionAttempts(
      at: parameters.endpoints,
      isShuffled: parameters.effective(ConnectionParameters.loadBalancing) == "random",
      prefersStandby: parameters.effective("target_session_attrs")
        == TargetSession.preferStandby.rawValue,
      using: &generator)
    var endOfTurn = deadline
    while true {
      switch attempts.next() {
      case .host(let host, let shares):
        endOfTurn = deadline.slice(of: shares)
        do {
          attempts.found(try addresses(of: host, until: endOfTurn), using: &generator)
        } catch {
          attempts.failed(error, .unreachable)
        }
      case .address(let endpoint, let shares):
        let attempt = parameters.forAttempt(at: endpoint, session: attempts.session)
        switch try open(attempt, until: endOfTurn.slice(of: shares)) {
        case .success(let connection): return connection
        case .failure(let failure): attempts.failed(failure.error, failure.kind)
        }
      case .giveUp(let error):
        throw error
      }
    }
  }

  private static func addresses(
    of endpoint: Endpoint, until deadline: Deadline
  ) throws(PostgresError) -> [Endpoint] {
    guard endpoint.needsResolving, let host = endpoint.host else { return [endpoint] }
    let addresses =
      if isNumericAddress(host) { [host] } else {
        try HostResolver.addresses(of: host, until: deadline)
      }
    return addresses.map { address in
      var endpoint = endpoint
      endpoint.address = address
      return endpoint
    }
  }

  private struct Failure: Error {
    var error: PostgresError
    var kind: AttemptFailure
  }

  private static func open(
    _ parameters: [String: String], until deadline: Deadline
  ) throws(PostgresError) -> Result<Connection, Failure> {
    guard let handle = start(parameters) else {
      throw .connectFailed(detail: "out of memory")
    }
    let connection = Connection(handle: handle)
    var isAnswered = false
    func failure(_ error: PostgresError) -> Result<Connection, Failure> {
      .failure(Failure(error: error, kind: AttemptFailure(error, isAnswered: isAnswered)))
    }
    var polling = PGRES_POLLING_WRITING
    if PQstatus(handle) == CONNECTION_BAD { polling = PGRES_POLLING_FAILED }
    while polling != PGRES_POLLING_OK {
      let interest: DescriptorInterest
      switch polling {
      case PGRES_POLLING_READING: interest = .reading
      case PGRES_POLLING_WRITING: interest = .writing
      default: return failure(connection.openingError())
      }
      // The socket may be another one after each step: libpq opens a new one to fall back.
      guard deadline.wait(for: interest, on: PQsocket(handle)) else {
        return failure(.timedOut(.connect))
      }
      isAnswered = PQstatus(handle) != CONNECTION_STARTED
      polling = PQconnectPoll(handle)
      // A peer that never stops sending keeps the socket readable for ever.
      if polling == PGRES_POLLING_READING, deadline.hasPassed {
        return failure(.timedOut(.connect))
      }
    }
    guard PQsetnonblocking(handle, 1) == 0 else { throw .connectionLost }
    return .success(connection)
  }

  private static func start(_ parameters: [String: String]) -> OpaquePointer? {
    let keywords = parameters.keys.sorted()
    let handle = withCStrings(keywords.map { $0 }) { names in
      withCStrings(keywords.map { parameters[$0] }) { values in
        PQconnectStartParams(names.baseAddress, values.baseAddress, 0)
      }
    }
    guard let handle else { return nil }
    PQsetNoticeReceiver(handle, { _, _ in }, nil)
    // A refusal's text can quote names and is translated by the server; its SQLSTATE is neither.
    PQsetErrorVerbosity(handle, PQERRORS_SQLSTATE)
    return handle
  }

  private func openingError() -> PostgresError {
    let detail = errorMessageOnOneLine
    // With PQERRORS_SQLSTATE a server's refusal ends in its code: "…failed: FATAL:  28P01".
    if let last = detail.split(separator: " ").last, let state = SQLState(last),
      detail.dropLast(5).hasSuffix(":  ")
    {
      return .connectionRefusedByServer(state)
    }
    return .connectFailed(detail: detail)
  }
}
