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
  /// Where it is asked for; nil where nothing says it.
  let functionRegion: String?
  let region: String?
  let handlerRole: String?

  func run(reporting report: @escaping (Finding) -> Void) {
    let deadline = Deadline.after(Self.timeout)
    let own = Environment.ofProcess()
    let cloud = CloudAccess(environment: own, version: poolTableVersion) {
      (environment) throws(CredentialsError) in try .commandLine(environment)
    }
    var described: FunctionDescription?
    if let function, let functionRegion {
      do throws(FunctionUnknown) {
        described = try cloud.description(of: function, in: functionRegion, until: deadline)
      } catch {
        report(error.finding)
      }
    }
    let settings = DoctorSettings(
      own: own, variables: described?.variables,
      region: described?.reference.region ?? functionRegion, url: url)
    report(Doctor.configuration(settings.problem))
    var deployment = settings.features?.deployment(own) ?? Deployment()
    let database = Result { () throws(NoDatabase) in
      try Self.access(to: settings.database, keysOf: own, until: deadline)
    }
    if case .failure(let reason) = database {
      report(Doctor.noDatabase(reason.description, reason.remedy))
    }
    if let pool { deployment.pools = [pool] }
    deployment.region = region ?? own.region
    deployment.function = described?.reference ?? function ?? deployment.function
    deployment.memory = described?.memory ?? deployment.memory
    deployment.timeout = described?.timeout
    deployment.handlerRole = handlerRole
    deployment.features.reconciles = true
    Doctor(deployment, database: try? database.get(), cloud: cloud).examine(
      until: deadline, report: report)
  }

  /// Why the database cannot be looked at from here.
  private struct NoDatabase: Error {
    var description: String
    var remedy: String?
  }

  /// As the function reaches it; where it logs in with its role, with the command line's keys.
  private static func access(
    to database: DoctorSettings.Database, keysOf own: Environment, until deadline: Deadline
  ) throws(NoDatabase) -> DatabaseAccess {
    switch database {
    case .notNamed:
      throw NoDatabase(description: "no database is named: give --database-url or set DATABASE_URL")
    case .unusable:
      throw NoDatabase(description: "the settings of the database cannot be used")
    case .insideLambdaOnly:
      throw NoDatabase(
        description: "the login is in DATABASE_SECRET_ARN, which is read inside Lambda only",
        remedy: "give --database-url, or set DOCTOR=on and send the function {\"doctor\":true}")
    case .settings(var settings):
      if settings["DATABASE_AUTH"] == "iam" {
        settings = settings.replacing(try keys(own, until: deadline))
      }
      do {
        return try Configuration(environment: settings).databaseAccess(migrations: migrations)
      } catch {
        throw NoDatabase(description: error.description)
      }
    }
  }

  private static func keys(
    _ own: Environment, until deadline: Deadline
  ) throws(NoDatabase) -> [String: String] {
    do {
      let keys = try CredentialsSource.commandLine(own).credentials(until: deadline)
      return [
        "AWS_ACCESS_KEY_ID": keys.accessKeyID, "AWS_SECRET_ACCESS_KEY": keys.secretAccessKey,
        "AWS_SESSION_TOKEN": keys.sessionToken ?? "",
      ]
    } catch {
      throw NoDatabase(description: "DATABASE_AUTH=iam logs in with AWS credentials: \(error)")
    }
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
