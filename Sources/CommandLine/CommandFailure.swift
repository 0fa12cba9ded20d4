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

  /// Runs a command, or a part of one.
  ///
  /// - Parameter remedy: what can be done about an SQLSTATE; nil where nothing is to be said.
  /// - Throws: what `body` throws, where it is the database's with what can be done about it.
  static func withRemedies<Result>(
    _ remedy: (SQLState) -> String?, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let error as PostgresError {
      throw CommandFailure(error.description(withRemedies: remedy))
    } catch let error as PushError {
      throw CommandFailure(error.description(withRemedies: remedy))
    } catch let error as MigrationError {
      throw CommandFailure(error.description(withRemedies: remedy))
    }
  }
}

extension PushError {
  /// What is wrong, and what can be done about it.
  var withRemedy: String { description(withRemedies: \.remedy) }

  func description(withRemedies remedy: (SQLState) -> String?) -> String {
    switch self {
    case .database(let error): error.description(withRemedies: remedy)
    case .cognito, .refused: description
    }
  }
}

extension SQLState {
  /// As `remedy`, for what only the login that owns the schema may do: a grant to the function's is none.
  var remedyForOwner: String? {
    code == "42501"
      ? "connect with the login that owns the schema, not with the function's" : remedy
  }
}
