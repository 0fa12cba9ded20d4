import CognitoPush
import Postgres
import SchemaMigrations
import TriggerFunction

/// An error whose text says what to do; it goes to standard error, and the exit code is 1.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description.printable
  }

  /// Runs a command.
  ///
  /// - Throws: what `body` throws, where it is the database's with what can be done about it.
  static func withRemedies(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as PostgresError {
      throw CommandFailure(error.withRemedy)
    } catch let error as PushError {
      throw CommandFailure(error.withRemedy)
    } catch let error as MigrationError {
      throw CommandFailure(error.description(withRemedies: \.remedy))
    }
  }
}

extension PushError {
  /// What is wrong, and what can be done about it.
  var withRemedy: String {
    switch self {
    case .database(let error): error.withRemedy
    case .cognito(let error): error.description
    }
  }
}
