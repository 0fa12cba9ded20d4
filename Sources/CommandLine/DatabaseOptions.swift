import ArgumentParser
import Clock
import Postgres
import Settings
import TriggerFunction

/// Which database a command works on.
struct DatabaseOptions: ParsableArguments {
  @Option(
    name: .customLong("database-url"),
    help: ArgumentHelp(
      "PostgreSQL URI or key=value text, as psql takes it. (default: $DATABASE_URL)",
      valueName: "url"))
  var url: String?

  /// Whether a database is named at all.
  var isGiven: Bool { url != nil || Environment.ofProcess()["DATABASE_URL"] != nil }

  /// The option, or else the environment variable.
  func connectionString() throws(CommandFailure) -> String {
    if let url { return url }
    if let url = Environment.ofProcess()["DATABASE_URL"] { return url }
    throw CommandFailure("no database: give --database-url or set DATABASE_URL")
  }

  func parameters() throws(CommandFailure) -> ConnectionParameters {
    do {
      return try ConnectionParameters(setting: connectionString())
        .settingDefault("fallback_application_name", to: "pooltable")
    } catch let error as ConnectionStringError {
      throw CommandFailure("the database URL \(error)")
    } catch let error as CommandFailure {
      throw error
    } catch {
      throw CommandFailure("the database URL cannot be used")
    }
  }

  func connect() throws(CommandFailure) -> Connection {
    let parameters = try parameters()
    do {
      return try Connection.open(parameters, until: .after(.seconds(15)))
    } catch {
      throw CommandFailure("the database: \(error.withRemedy)")
    }
  }
}
