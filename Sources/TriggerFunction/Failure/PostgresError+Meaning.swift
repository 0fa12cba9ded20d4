import Postgres

extension PostgresError {
  /// Whether one more attempt, on a fresh connection, may succeed.
  var isWorthAnotherAttempt: Bool {
    switch self {
    case .timedOut, .connectFailed, .hostNotFound, .connectionLost: true
    case .connectionRefusedByServer(let state): SQLStateMeaning(state).isWorthAnotherAttempt
    case .credentialsUnavailable(_, let mayPass): mayPass
    case .attemptsFailed: decisive.isWorthAnotherAttempt
    // Whatever it was, it was the session that it ended.
    case .statementFailed(let error):
      error.endsConnection || SQLStateMeaning(error.state).isWorthAnotherAttempt
    case .parameterHoldsNUL, .unexpectedAnswer: false
    }
  }

  /// Whether the next statement had better not use this connection.
  var leavesConnectionInDoubt: Bool {
    guard case .statementFailed(let error) = self else { return true }
    return !SQLStateMeaning(error.state).keepsConnection
  }

  /// One line without personal data, fit for a log: what is wrong, and what can be done about it.
  public var withRemedy: String { description(withRemedies: \.remedy) }
}

extension SQLState {
  /// What an operator can do about it, where the code alone tells; nil elsewhere.
  public var remedy: String? { SQLStateMeaning(self).remedy }
}
