import CLibPQ
import Clock
import Glibc

extension Connection {
  /// Opens a connection; every host and every address of a host gets an equal slice of the time.
  ///
  /// libpq's own `connect_timeout` is of no use here: `PQconnectPoll` ignores it.
  /// - Throws: the last attempt's error when none succeeds.
  public static func open(
    _ parameters: ConnectionParameters, until deadline: Deadline
  ) throws(PostgresError) -> Connection {
    var failure = PostgresError.connectFailed(detail: "no address to connect to")
    let endpoints = parameters.endpoints
    for (index, endpoint) in endpoints.enumerated() {
      do {
        return try open(
          parameters, at: endpoint, until: deadline.slice(of: endpoints.count - index))
      } catch {
        failure = error
      }
    }
    throw failure
  }

  private static func open(
    _ parameters: ConnectionParameters, at endpoint: Endpoint, until deadline: Deadline
  ) throws(PostgresError) -> Connection {
    guard endpoint.needsResolving, let host = endpoint.host else {
      return try attempt(parameters.forAttempt(at: endpoint), until: deadline)
    }
    let addresses =
      if isNumericAddress(host) { [host] } else {
        try HostResolver.addresses(of: host, until: deadline)
      }
    var failure = PostgresError.connectFailed(detail: "the host name has no address")
    for (index, address) in addresses.enumerated() {
      var target = endpoint
      target.address = address
      do {
        return try attempt(
          parameters.forAttempt(at: target), until: deadline.slice(of: addresses.count - index))
      } catch {
        failure = error
      }
    }
    throw failure
  }

  private static func attempt(
    _ parameters: [String: String], until deadline: Deadline
  ) throws(PostgresError) -> Connection {
    guard let handle = start(parameters) else {
      throw .connectFailed(detail: "out of memory")
    }
    let connection = Connection(handle: handle)
    var polling = PGRES_POLLING_WRITING
    if PQstatus(handle) == CONNECTION_BAD { polling = PGRES_POLLING_FAILED }
    while polling != PGRES_POLLING_OK {
      // The socket may be another one after each step: libpq opens a new one to fall back.
      switch polling {
      case PGRES_POLLING_READING:
        guard deadline.wait(for: .reading, on: PQsocket(handle)) else { throw .timedOut(.connect) }
      case PGRES_POLLING_WRITING:
        guard deadline.wait(for: .writing, on: PQsocket(handle)) else { throw .timedOut(.connect) }
      default:
        throw connection.openingError()
      }
      polling = PQconnectPoll(handle)
    }
    guard PQsetnonblocking(handle, 1) == 0 else { throw .connectionLost }
    return connection
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

private func isNumericAddress(_ host: String) -> Bool {
  var address = in6_addr()
  return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1
}
