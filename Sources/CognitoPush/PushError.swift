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
  /// The caller may not change these pools, of which there is one at least: their users' changes are as they were, and
  /// other users' were pushed.
  case refused([RefusedPool], done: PushSummary)
}

/// A pool that the caller may not change, and what its users' changes were refused for.
public struct RefusedPool: Sendable, Equatable {
  /// Its id.
  public var pool: UserPoolID
  /// Always `accessDenied`.
  public var error: CognitoError
}

extension PushError {
  /// Whether a later push may succeed without anybody having changed anything.
  public var mayPass: Bool {
    switch self {
    case .database(let error): error.mayPass
    case .cognito(let error): error.isTransient
    case .refused: false
    }
  }
}

extension PushError: CustomStringConvertible {
  /// What is wrong, in one line without personal data.
  public var description: String {
    switch self {
    case .database(let error): error.description
    case .cognito(let error): error.description
    case .refused(let pools, _): pools.map { "\($0.pool): \($0.error)" }.joined(separator: "; ")
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
