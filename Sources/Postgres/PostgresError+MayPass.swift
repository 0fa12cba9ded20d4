extension PostgresError {
  /// Whether the same may succeed later, without anybody having changed anything: the server is away, is
  /// starting, is crowded. Where it may not, no waiting helps: a setting is wrong.
  public var mayPass: Bool {
    switch self {
    case .timedOut, .connectionLost: true
    case .connectFailed(let detail):
      // libpq and the resolver have words for these, and no codes.
      !Self.lastingReasons.contains { detail.holds($0) }
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

  private static let lastingReasons = [
    // The name is unknown; where the resolver itself is away it says "Temporary failure".
    "Name or service not known", "No address associated with hostname",
    // TLS and certificates.
    "does not support SSL", "certificate", "private key", "sslmode",
    // What a server is to be asked with, or for.
    "no password supplied", "authentication method", "channel binding", "invalid port",
    "invalid integer value", "target_session_attrs value",
  ]
}

extension SQLState {
  fileprivate var mayPass: Bool {
    switch code {
    case "53100": false  // disk_full
    case "57P01", "57P02", "57P03": true  // admin_shutdown, crash_shutdown, cannot_connect_now
    case "40001", "40P01": true  // serialization_failure, deadlock_detected
    case "55P03": true  // lock_not_available
    case "58030": true  // io_error
    case "57014": true  // query_canceled: by statement_timeout, when the server is busy
    case "25006": true  // read_only_sql_transaction: until the failover is over
    // connection_exception, insufficient_resources
    default: errorClass == "08" || errorClass == "53"
    }
  }
}
