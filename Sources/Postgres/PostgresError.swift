/// What can go wrong between this process and PostgreSQL.
///
/// No case carries a statement's parameters or a server message's text: both can hold personal data.
public enum PostgresError: Error, Sendable, Equatable {
  /// A step of a connection's life that waits.
  public enum Phase: String, Sendable {
    /// Looking the host up, opening the connection, running a statement.
    case resolve, connect, query
  }

  /// The deadline came first. The connection is closed.
  case timedOut(Phase)
  /// No connection: the network or TLS. `detail` is libpq's own text, on one line.
  case connectFailed(detail: String)
  /// No connection: the host's name leads to no address. `reason` is the resolver's own text.
  case hostNotFound(host: String, reason: String)
  /// No connection: the server refused it with an SQLSTATE.
  case connectionRefusedByServer(SQLState)
  /// No connection: several servers, or addresses of one, were tried; the last one's error ended it.
  case attemptsFailed([FailedAttempt])
  /// No connection was tried: there is no user and password for it. `mayPass`: whether there may be later,
  /// without anybody having changed anything. `detail` is one line without a secret.
  case credentialsUnavailable(detail: String, mayPass: Bool)
  /// The connection broke while a statement was under way; whether it took effect is not known.
  case connectionLost
  /// The server answered the statement with an error.
  case statementFailed(ServerError)
  /// A parameter holds a NUL character, which PostgreSQL's text cannot (counted from 1).
  case parameterHoldsNUL(Int)
  /// The server answered with something that this client does not expect.
  case unexpectedAnswer(String)

  /// The SQLSTATE, where the server gave one; of several attempts the decisive one's.
  public var state: SQLState? {
    switch self {
    case .connectionRefusedByServer(let state): state
    case .statementFailed(let error): error.state
    case .attemptsFailed: decisive.state
    default: nil
    }
  }

  /// Among the errors of several failed attempts the one that says most: of the server that ended them, else
  /// the last with an SQLSTATE, else the last. Any other error is itself.
  public var decisive: PostgresError {
    guard case .attemptsFailed(let attempts) = self else { return self }
    let telling = attempts.last { $0.endedAttempts } ?? attempts.last { $0.error.state != nil }
    return (telling ?? attempts.last)?.error ?? .connectionLost
  }

  /// Whether the same may succeed later, without anybody having changed anything: the server is away, is
  /// starting, is crowded. Where it may not, no waiting helps: a setting is wrong.
  public var mayPass: Bool {
    switch self {
    case .timedOut, .connectionLost: true
    case .connectFailed(let detail): !LibPQMessage(detail).isLasting
    case .hostNotFound(_, let reason): !LibPQMessage(reason).isLasting
    case .connectionRefusedByServer(let state): state.mayPass
    case .attemptsFailed(let attempts):
      // Where none of them answered, one may come back.
      attempts.last?.endedAttempts == true
        ? decisive.mayPass : attempts.contains { $0.error.mayPass }
    case .statementFailed(let error): error.endsConnection || error.state.mayPass
    case .credentialsUnavailable(_, let mayPass): mayPass
    case .parameterHoldsNUL, .unexpectedAnswer: false
    }
  }

  /// Whether the statement may have taken effect all the same.
  public var mayHaveTakenEffect: Bool {
    switch self {
    case .timedOut(.query), .connectionLost: true
    default: false
    }
  }

  /// Whether the server has ended the session with this error.
  var endsConnection: Bool {
    guard case .statementFailed(let error) = self else { return false }
    return error.endsConnection
  }

  /// - Parameter attempts: all that were made, in their order.
  init(_ attempts: [FailedAttempt]) {
    switch attempts.count {
    case 0: self = .connectFailed(detail: "no address to connect to")
    case 1: self = attempts.first?.error ?? .connectionLost
    default: self = .attemptsFailed(attempts)
    }
  }
}

/// The parts of a server's error that name objects of the schema, never a value.
public struct ServerError: Error, Sendable, Equatable {
  /// What went wrong, as a code.
  public var state: SQLState
  /// The table's name, without its schema; nil where the server names none. So below.
  public var table: String?
  /// The column's name.
  public var column: String?
  /// The constraint's name.
  public var constraint: String?
  /// The severity is FATAL or PANIC: the server has ended the session, whatever the SQLSTATE.
  public var endsConnection: Bool

  /// - Parameters: as the properties of the same names.
  public init(
    state: SQLState, table: String? = nil, column: String? = nil, constraint: String? = nil,
    endsConnection: Bool = false
  ) {
    self.state = state
    self.table = table
    self.column = column
    self.constraint = constraint
    self.endsConnection = endsConnection
  }
}

extension PostgresError: CustomStringConvertible {
  /// One line without personal data, fit for a log: what is wrong, and what can be done where libpq's own
  /// words tell.
  public var description: String { description(withRemedies: { _ in nil }) }

  /// The same, with what can be done about an SQLSTATE.
  ///
  /// - Parameter remedy: what that is for whoever reads it; nil where nothing is to be said.
  public func description(withRemedies remedy: (SQLState) -> String?) -> String {
    let remedies = remedies(remedy)
    return remedies.isEmpty ? summary : "\(summary) (\(remedies.joined(separator: "; ")))"
  }

  /// What is wrong, in one line without personal data.
  public var summary: String {
    switch self {
    case .timedOut(let phase): "timed out (\(phase.rawValue))"
    case .connectFailed(let detail): "could not connect: \(detail)"
    case .hostNotFound(let host, let reason): "could not look up the host \(host): \(reason)"
    case .connectionRefusedByServer(let state):
      "the server refused the connection, SQLSTATE \(state)"
    case .attemptsFailed(let attempts):
      "could not connect, \(attempts.count) attempts failed: "
        + attempts.map(\.description).joined(separator: "; ")
    case .credentialsUnavailable(let detail, _): "no user and password to connect with: \(detail)"
    case .connectionLost: "the connection was lost"
    case .statementFailed(let error): "the statement failed, \(error)"
    case .parameterHoldsNUL(let position):
      "parameter \(position) holds a NUL character, which PostgreSQL's text cannot hold"
    case .unexpectedAnswer(let what): "unexpected answer: \(what)"
    }
  }

  /// What can be done about it, each once, in the order of the attempts; none where nothing is to be said.
  ///
  /// - Parameter ofState: what can be done about an SQLSTATE.
  public func remedies(_ ofState: (SQLState) -> String?) -> [String] {
    guard case .attemptsFailed(let attempts) = self else {
      return [state.flatMap(ofState) ?? ownRemedy].compactMap(\.self)
    }
    var remedies: [String] = []
    for remedy in attempts.flatMap({ $0.error.remedies(ofState) }) where !remedies.contains(remedy)
    {
      remedies.append(remedy)
    }
    return remedies
  }

  /// What can be done about it whatever the program.
  private var ownRemedy: String? {
    switch self {
    case .timedOut(.resolve): "does the resolver of this machine answer?"
    case .timedOut(.connect): LibPQMessage.noWay
    case .timedOut(.query): "look at the server's load, and at who holds locks"
    case .connectionLost:
      "the server's log says why; whether the statement took effect is not known"
    case .connectFailed(let detail): LibPQMessage(detail).remedy
    case .hostNotFound: LibPQMessage.unknownHost
    // feature_not_supported: RDS Proxy.
    case .connectionRefusedByServer(SQLState("0A000")):
      "RDS Proxy takes no start-up options: leave 'options' out of the connection string, and PGOPTIONS "
        + "unset; ALTER ROLE … SET does the same for the login"
    // protocol_violation: PgBouncer, to whatever it does not like.
    case .connectionRefusedByServer(SQLState("08P01")):
      "PgBouncer refuses so what it does not know, as 'options' in the connection string; its log says what"
    default: nil
    }
  }
}

extension ServerError: CustomStringConvertible {
  public var description: String {
    var text = "SQLSTATE \(state)"
    for (label, name) in [("table", table), ("column", column), ("constraint", constraint)] {
      if let name { text += ", \(label) \(name)" }
    }
    return text
  }
}
