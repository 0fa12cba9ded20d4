import Clock
import CognitoAPI
import Postgres
import UserTable

/// Why nothing more can be pushed for now; what had been pushed is settled.
public enum PushError: Error, Sendable, Equatable {
  /// The database refuses a statement, or is out of reach.
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
  /// What is wrong, in one line without personal data.
  public var description: String {
    switch self {
    case .database(let error): error.description
    case .cognito(let error): error.description
    }
  }
}

extension Connection {
  /// Runs a statement of a push.
  ///
  /// - Throws: `database` only.
  func push<Statement: TableStatement>(
    _ statement: Statement, until deadline: Deadline
  ) throws(PushError) -> Statement.Answer {
    do {
      return try run(statement, until: deadline)
    } catch {
      throw .database(error)
    }
  }
}
