import ArgumentParser
import Clock
import CognitoTriggers
import UserTable

extension UserReference: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
  }
}

/// Which pool is meant, where it is not all of them.
struct PoolOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Only this user pool. (default: every pool of the table)", valueName: "id"))
  var userPoolID: String?

  func validate() throws {
    guard let userPoolID, UserPoolID(userPoolID) == nil else { return }
    throw ValidationError.userPoolID
  }
}

extension Deadline {
  /// For a statement that may have a whole table to read or to change.
  static var forWholeTable: Deadline { .after(.seconds(3600)) }
}
