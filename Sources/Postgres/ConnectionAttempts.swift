/// What a server must be to take the session: libpq's `target_session_attrs`.
enum TargetSession: String, CaseIterable {
  case any
  case readWrite = "read-write"
  case readOnly = "read-only"
  case primary
  case standby
  case preferStandby = "prefer-standby"
}

/// Which servers are tried in which order, and what ends the attempts: libpq's rules, without a socket.
///
/// Whoever drives it asks for `next()`, does that step, and says how it went with `found` or `failed`.
/// Source: PostgreSQL documentation, "Specifying Multiple Hosts", and `PQconnectPoll` of `fe-connect.c`.
struct ConnectionAttempts {
  enum Step: Equatable {
    /// A host's turn: it gets one of `shares` equal shares of the time that is left, all its addresses
    /// together. `found` or `failed` must follow.
    case host(Endpoint, shares: Int)
    /// One address of the host whose turn it is: one of `shares` equal shares of what is left of its time.
    case address(Endpoint, shares: Int)
    case giveUp(PostgresError)
  }

  /// What `target_session_attrs` is at the next address; nil leaves it as it was given.
  private(set) var session: TargetSession?
  private let isShuffled: Bool
  private var hosts: [Endpoint]
  private var addresses: [Endpoint] = []
  private var current = Endpoint()
  private var secondChoice: [Endpoint] = []
  private var failures: [FailedAttempt] = []

  /// - Parameters:
  ///   - isShuffled: whether hosts, and the addresses of each, are tried in a random order.
  ///   - prefersStandby: any server will do, once no standby has been found.
  init(
    at hosts: [Endpoint], isShuffled: Bool = false, prefersStandby: Bool = false,
    using generator: inout some RandomNumberGenerator
  ) {
    self.hosts = isShuffled ? hosts.shuffled(using: &generator) : hosts
    self.isShuffled = isShuffled
    session = prefersStandby ? .standby : nil
  }

  mutating func next() -> Step {
    if !addresses.isEmpty {
      current = addresses.removeFirst()
      return .address(current, shares: addresses.count + 1)
    }
    if hosts.isEmpty, session == .standby {
      // No server is a standby. Those that could not be reached are left out: there is no time to lose.
      session = .any
      hosts = secondChoice
    }
    if !hosts.isEmpty {
      current = hosts.removeFirst()
      let keptForSecondChoice = session == .standby ? 1 : 0
      return .host(current, shares: hosts.count + 1 + keptForSecondChoice)
    }
    return .giveUp(PostgresError(failures))
  }

  /// The host whose turn it is has these addresses.
  mutating func found(
    _ addresses: [Endpoint], using generator: inout some RandomNumberGenerator
  ) {
    self.addresses = isShuffled ? addresses.shuffled(using: &generator) : addresses
  }

  /// The step that `next` gave last has failed.
  mutating func failed(_ error: PostgresError, _ kind: AttemptFailure) {
    failures.append(
      FailedAttempt(
        server: current.description, error: error, endedAttempts: kind == .refused))
    switch kind {
    case .unreachable:
      break
    case .notReady:
      addresses = []
    case .wrongSession:
      secondChoice.append(current)
      addresses = []
    case .refused:
      addresses = []
      hosts = []
      secondChoice = []
    }
  }
}

/// What a failed attempt means for the servers that are left.
enum AttemptFailure: Equatable {
  /// Nobody answered: the next address may.
  case unreachable
  /// The server is starting, stopping or recovering; its other addresses lead to the same one.
  case notReady
  /// The server is not what `target_session_attrs` asks for; its other addresses lead to the same one.
  case wrongSession
  /// A server answered and refused us, or we refused it: the others would say the same.
  case refused

  /// - Parameter isAnswered: whether the attempt got further than to the transport's connection.
  init(_ error: PostgresError, isAnswered: Bool) {
    switch error {
    case .timedOut, .connectionLost:
      self = .unreachable
    case .connectionRefusedByServer(let state):
      self = state.code == "57P03" ? .notReady : .refused
    case .connectFailed(let detail):
      let message = LibPQMessage(detail)
      if !isAnswered || message.isFarewell {
        self = .unreachable
      } else {
        self = message.isSessionMismatch ? .wrongSession : .refused
      }
    default:
      self = .refused
    }
  }
}

/// An attempt at one server that failed.
public struct FailedAttempt: Error, Sendable, Equatable, CustomStringConvertible {
  /// As `db.example (10.0.0.1), port 5432`.
  public var server: String
  /// Why it failed.
  public var error: PostgresError
  /// Whether the server answered, so that no other was tried after it.
  public var endedAttempts: Bool

  /// - Parameters:
  ///   - server: as `db.example (10.0.0.1), port 5432`.
  ///   - error: why it failed.
  ///   - endedAttempts: whether the server answered, so that no other was tried after it.
  public init(server: String, error: PostgresError, endedAttempts: Bool = false) {
    self.server = server
    self.error = error
    self.endedAttempts = endedAttempts
  }

  /// Without a remedy, which several may share.
  public var description: String {
    if case .hostNotFound(_, let reason) = error { return "\(server): not found, \(reason)" }
    return "\(server): \(error.summary)"
  }
}
