import AWS
import Clock
import CognitoAPI
import Doctor
import Postgres
import SchemaMigrations
import Settings
import TriggerFunction

/// One run of `pooltable doctor`: which settings hold, and what they lead to.
struct DoctorSession {
  private static let timeout = Duration.seconds(60)

  /// Nil: as the settings say.
  let url: String?
  let pool: UserPoolID?
  let function: FunctionReference?
  let region: String?
  let handlerRole: String?

  func run(reporting report: @escaping (Finding) -> Void) {
    let deadline = Deadline.after(Self.timeout)
    let own = Environment.ofProcess()
    let cloud = CloudAccess(environment: own, version: poolTableVersion) {
      (environment) throws(CredentialsError) in try .commandLine(environment)
    }
    var settings = own
    var described: FunctionDescription?
    if let function {
      do throws(FunctionUnknown) {
        let found = try cloud.description(
          of: function, in: try functionRegion(own), until: deadline)
        settings = own.keeping { $0.isOfThisMachine }.replacing(found.variables)
        described = found
      } catch {
        report(error.finding)
      }
    }
    if let url {
      // A password of the URL's own, and no other way to one.
      settings = settings.replacing(
        ["DATABASE_URL": url, "DATABASE_AUTH": "", "DATABASE_SECRET_ARN": ""])
    }
    var deployment = Deployment()
    var database: DatabaseAccess?
    let configured = Self.configuration(settings.withAnyDatabase)
    report(Doctor.configuration(configured.problem))
    if let configuration = configured.usable { deployment = configuration.deployment(own) }
    if settings["DATABASE_URL"] == nil {
      report(Doctor.noDatabase("no database is named: give --database-url or set DATABASE_URL"))
    } else if let configuration = configured.usable {
      database = configuration.databaseAccess(migrations: Self.migrations)
    } else {
      report(Doctor.noDatabase("the settings of the database cannot be used"))
    }
    if let pool { deployment.pools = [pool] }
    deployment.region = region ?? own["AWS_REGION"] ?? own["AWS_DEFAULT_REGION"]
    deployment.function = described?.reference ?? function ?? deployment.function
    deployment.memory = described?.memory ?? deployment.memory
    deployment.timeout = described?.timeout
    deployment.handlerRole = handlerRole
    deployment.features.reconciles = true
    Doctor(deployment, database: database, cloud: cloud).examine(until: deadline, report: report)
  }

  /// The settings as far as they can be used: where one is wrong, those of the database, and all else off.
  private static func configuration(
    _ settings: Environment
  ) -> (usable: Configuration?, problem: SettingError?) {
    do {
      return (try Configuration(environment: settings), nil)
    } catch {
      return (try? Configuration(environment: settings.keeping(\.isOfTheDatabase)), error)
    }
  }

  private func functionRegion(_ environment: Environment) throws(FunctionUnknown) -> String {
    guard
      let region = function?.region ?? region ?? environment["AWS_REGION"]
        ?? environment["AWS_DEFAULT_REGION"] ?? pool?.region
    else { throw .noRegion }
    return region
  }

  /// Nil where the login may not see it.
  private static func migrations(_ connection: Connection) -> MigrationState? {
    do {
      let states = try Migrator(connection: connection).status()
      let pending = states.filter { $0.state == .pending }.map(\.migration.title)
      return pending.isEmpty ? .applied(states.count) : .pending(pending)
    } catch {
      if case .database = error { return nil }
      return .different("\(error)")
    }
  }
}

extension Environment {
  /// Settings that are wrong without a database are to be told; that there is none is told apart.
  fileprivate var withAnyDatabase: Environment {
    self["DATABASE_URL"] == nil ? replacing(["DATABASE_URL": "host=localhost"]) : self
  }
}

extension String {
  /// Whether a variable says who and where this process is, and is no setting of the function's.
  fileprivate var isOfThisMachine: Bool {
    hasPrefix("AWS_") || hasPrefix("PG") || lowercased().hasSuffix("_proxy") || self == "HOME"
      || self == "PATH"
  }

  /// Whether a variable says where the database is, and how to get in.
  fileprivate var isOfTheDatabase: Bool {
    hasPrefix("DATABASE_") || self == "USER_POOL_IDS" || isOfThisMachine
  }
}
