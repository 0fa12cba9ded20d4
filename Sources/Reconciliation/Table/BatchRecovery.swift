import Postgres

/// What to do about a batch that PostgreSQL did not take.
enum BatchRecovery: Equatable {
  /// It may pass by itself.
  case again
  /// One of the users is to blame: find it.
  case split
  case giveUp

  init(after error: PostgresError) {
    if error.mayPass {
      self = .again
    } else if case .statementFailed(let error) = error {
      switch error.state.errorClass {
      // A value, a constraint, a limit, or what a trigger of somebody's raises.
      case "22", "23", "54", "P0": self = .split
      default: self = .giveUp
      }
    } else {
      self = .giveUp
    }
  }
}
