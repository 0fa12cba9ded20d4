import Postgres

/// The server and the schema in it.
enum ServerChecks {
  /// The oldest release that the schema works with.
  static let oldestVersion = 14

  /// What the server says of itself.
  struct Server: Sendable, Equatable {
    /// As `150018` for 15.18.
    var versionNumber: Int
    /// Whether it takes no writes.
    var isReadOnly: Bool
    /// As `UTF8`.
    var encoding: String
  }

  static func server(_ server: Server) -> Finding {
    let (major, minor) = (server.versionNumber / 10_000, server.versionNumber % 10_000)
    let text = "PostgreSQL \(major).\(minor), \(server.encoding)"
    if major < oldestVersion {
      return .failed(.server, text, "PostgreSQL \(oldestVersion) or newer is needed")
    }
    if server.encoding != "UTF8" {
      return .failed(
        .server, text, "the database cannot hold every name: make one with the encoding UTF8")
    }
    return server.isReadOnly
      ? .failed(
        .server, "\(text), read-only",
        "point the connection at the primary (target_session_attrs=read-write)")
      : .ok(.server, text)
  }

  /// What is known of the schema.
  struct Schema: Sendable, Equatable {
    /// The functions in the schema `cognito`; nil where there is no such schema.
    var functions: Set<String>?
    /// Nil where only its owner may see it.
    var migrations: MigrationState?
  }

  static func migrations(_ schema: Schema, needed: Set<String>) -> Finding {
    let migrate = "pooltable migrate, as the schema's owner, over a direct connection"
    guard let functions = schema.functions else {
      return .failed(.migrations, "there is no schema cognito in this database", migrate)
    }
    switch schema.migrations {
    case .pending(let names):
      return .failed(.migrations, "not applied: \(names.joined(separator: ", "))", migrate)
    case .different(let problem):
      return .failed(.migrations, problem, "use the release that the database was migrated with")
    case .applied(let count):
      return .ok(.migrations, "all \(count) are applied")
    case nil: break
    }
    let missing = needed.subtracting(functions).sorted()
    return missing.isEmpty
      ? .ok(
        .migrations,
        "every function that is called is there (which migrations are applied, only the owner may see)"
      )
      : .failed(
        .migrations, "the schema is older than this program: no \(missing.joined(separator: ", "))",
        migrate)
  }
}

/// Which migrations a database has, of those that this program knows.
public enum MigrationState: Sendable, Equatable {
  /// All, so many.
  case applied(Int)
  /// These are missing, by their titles.
  case pending([String])
  /// The database has others: newer ones, or one with another text. The problem, in a line.
  case different(String)
}
