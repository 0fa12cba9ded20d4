import CognitoAPI
import Postgres

/// Why nothing more can be pushed for now; what had been pushed is settled.
public enum PushError: Error, Sendable, Equatable {
  case database(PostgresError)
  /// Cognito refuses the caller, or cannot be reached: no other user would fare better.
  case cognito(CognitoError)
}

extension PushError {
  /// Whether a later push may succeed without anybody having changed anything.
  public var mayPass: Bool {
    switch self {
    case .database(let error): error.mayPass
    case .cognito(let error): error.isTransient
    }
  }
}

extension PushError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .database(let error): error.description
    case .cognito(let error): error.description
    }
  }
}
