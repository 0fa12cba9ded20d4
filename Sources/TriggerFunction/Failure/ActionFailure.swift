import CognitoAPI
import CognitoPush
import CognitoTriggers
import Postgres
import UserTable

/// Why an action could not do its work.
enum ActionFailure: Error, Sendable, Equatable {
  /// The event does not say which user of which pool it is about: old events have no `sub`.
  case unidentifiedUser(UnidentifiedUser)
  /// The event does not have the form that the answer needs.
  case event(TokenEventError)
  case signUpEvent(SignUpEventError)
  case migrationEvent(UserMigrationEventError)
  case database(PostgresError)
  /// The table does not have the user, so that there is nothing to be read for a token.
  case unknownUser
  case cognito(CognitoError)
  /// Roles of users of these pools could not be pushed; those of others are.
  case refused(PushError)

  init(_ error: PushError) {
    switch error {
    case .database(let error): self = .database(error)
    case .cognito(let error): self = .cognito(error)
    case .refused: self = .refused(error)
    }
  }

  /// Nil where nothing is to be mended: no alarm is due.
  var failureClass: FailureClass? {
    switch self {
    case .unidentifiedUser: nil
    case .event, .signUpEvent, .migrationEvent: .event
    case .database(let error): FailureClass(error)
    case .unknownUser: .unknownUser
    case .cognito, .refused: .cognito
    }
  }

  /// Whom no row can be found for, there is nothing to be done for.
  var outcome: Outcome {
    if case .unidentifiedUser = self { .passed } else { .failed }
  }
}

extension ActionFailure: CustomStringConvertible {
  /// One line without personal data: what is wrong, and what can be done about it.
  var description: String {
    switch self {
    case .unidentifiedUser(let error): error.rawValue
    case .event(let error): error.description
    case .signUpEvent(let error): error.description
    case .migrationEvent(let error): error.description
    case .database(let error): error.withRemedy
    case .unknownUser:
      "cognito.users has no such user: the next sign-in writes one that no confirmation brought"
    case .cognito(let error): error.description
    case .refused(let error): error.description
    }
  }
}
