import Clock
import CognitoTriggers
import Postgres
import UserTable

/// Answers a pre token generation event with the roles that the database has for the user.
struct TokenRoles {
  let store: UserStore
  /// Which of Cognito's groups stay beside the roles; nil: none.
  var keptGroups: KeptGroups?

  /// - Parameters:
  ///   - event: the event's bytes.
  ///   - times: what reading the roles costs is added to them, also where it fails.
  /// - Returns: the event with the roles as the tokens' groups.
  func answer(
    to event: [UInt8], about user: UserKey, until deadline: Deadline, _ times: inout PhaseTimes
  ) throws(TokenRolesFailure) -> [UInt8] {
    let override: GroupOverride
    do {
      override = try GroupOverride(event, keeping: keptGroups)
    } catch {
      throw .event(error)
    }
    let roles: [String]?
    do {
      roles = try store.run(RolesForTokenCall(user), until: deadline, &times)
    } catch {
      throw .database(error)
    }
    guard let roles else { throw .unknownUser }
    return override.answer(groups: roles)
  }
}

/// Why the tokens carry the groups that Cognito knows, and not the database's roles.
enum TokenRolesFailure: Error, Sendable, Equatable, CustomStringConvertible {
  case event(GroupOverrideError)
  case database(PostgresError)
  case unknownUser

  var description: String {
    switch self {
    case .event(let error): error.description
    case .database(let error): error.description
    case .unknownUser:
      "cognito.users has no such user: the next sign-in writes one that no confirmation brought"
    }
  }

  var failureClass: FailureClass {
    switch self {
    case .event: .event
    case .database(let error): FailureClass(error)
    case .unknownUser: .unknownUser
    }
  }
}

extension Variables {
  func keptGroups(_ name: String) throws(ConfigurationError) -> KeptGroups? {
    guard let value = self[name] else { return nil }
    guard let groups = KeptGroups(value) else {
      throw ConfigurationError(
        name,
        "must be names of groups, separated by commas, each with a * at its end where it is a name's beginning"
      )
    }
    return groups
  }
}
