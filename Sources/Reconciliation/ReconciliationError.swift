import Postgres

/// Why a run ended before its end.
public enum ReconciliationError: Error, Sendable, Equatable {
  case database(PostgresError)
  case listing(ListingError)
  /// Another run for the same pool holds the lock.
  case alreadyRunning
}

extension ReconciliationError: CustomStringConvertible {
  public var description: String { description(withRemedies: { _ in nil }) }

  /// - Parameter remedy: what can be done about an SQLSTATE; nil where nothing is to be said.
  public func description(withRemedies remedy: (SQLState) -> String?) -> String {
    switch self {
    case .database(let error): "the database: \(error.description(withRemedies: remedy))"
    case .listing(let error): error.description
    case .alreadyRunning:
      "another 'pooltable reconcile' is at work on this user pool: wait for its end"
    }
  }
}
