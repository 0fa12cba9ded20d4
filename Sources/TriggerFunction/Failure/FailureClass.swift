import Postgres

/// Why an event's work could not be done, coarsely: one alarm each, and one remedy.
///
/// Closed and small, because CloudWatch charges for every value of a dimension.
enum FailureClass: String, Sendable, CaseIterable {
  /// The budget was spent, or the server's own limit.
  case timeout = "Timeout"
  /// No connection, or one that broke.
  case connection = "Connection"
  /// The server does not know the user, or not this password; or there was none to be had.
  case authentication = "Authentication"
  /// The login may not do what it must.
  case permission = "Permission"
  /// The database, the schema or the function is missing or another one.
  case schema = "Schema"
  /// Another transaction was in the way.
  case lock = "Lock"
  /// The server is a standby.
  case readOnly = "ReadOnly"
  /// Connections, memory or disk have run out.
  case capacity = "Capacity"
  /// Cognito refuses the caller, or cannot be reached.
  case cognito = "Cognito"
  /// The table does not have the user, so that there is nothing to be read for a token.
  case unknownUser = "UnknownUser"
  /// The event does not have the form that Cognito documents.
  case event = "Event"
  case other = "Other"

  init(_ error: PostgresError) {
    switch error.decisive {
    case .timedOut: self = .timeout
    case .connectFailed, .hostNotFound, .connectionLost, .attemptsFailed: self = .connection
    case .connectionRefusedByServer(let state): self = SQLStateMeaning(state).failureClass
    case .credentialsUnavailable: self = .authentication
    // 57P05, 25P03, 25P04 and whatever else ends a session.
    case .statementFailed(let error) where error.endsConnection: self = .connection
    case .statementFailed(let error): self = SQLStateMeaning(error.state).failureClass
    case .unexpectedAnswer: self = .schema
    case .parameterHoldsNUL: self = .other
    }
  }
}
