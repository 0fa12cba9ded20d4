import Clock
import CognitoAPI
import CognitoTriggers
import LambdaRuntime
import Postgres

/// The settings of `bootstrap`, read from the environment once, at start-up.
public struct Configuration: Sendable {
  /// Below this no connection could be made; above it an answer could miss Cognito's 5 seconds.
  static let budgetRange = Duration.milliseconds(100)...Duration.milliseconds(4300)

  public var database: ConnectionParameters
  public var credentials = DatabaseCredentials.connectionString
  /// Empty: every pool.
  public var userPoolIDs: Set<String> = []
  public var postConfirmationOnFailure = FailurePolicy.fail
  /// Nobody is locked out because a table is behind.
  public var postAuthenticationOnFailure = FailurePolicy.continue
  /// From the arrival of an event to its answer.
  public var budget = Duration.milliseconds(4000)
  /// A connection that was idle for longer is replaced: network gear drops it without a word.
  public var idleLimit = Duration.seconds(300)
  public var metrics = MetricsFormat.none
  /// Whether a sign-in is recorded: off, because it makes a write of every one.
  public var tracksSignIns = false
  /// Whether the tokens' groups are the database's roles.
  public var putsRolesIntoTokens = false
  /// Which of Cognito's own groups stay in them; nil: none.
  public var keptGroups: KeptGroups?
  /// The attribute that a user's id is written to, as `custom:userId`; nil: none.
  public var writeBackAttribute: String?
  /// Whether an invocation by a schedule drains the outbox of roles.
  public var pushesOnSchedule = false
  /// Whether that makes groups that roles name and that are missing.
  public var createsGroups = false
  /// What the metrics are told apart by.
  public var functionName = "pooltable"
  /// The lowest level that Lambda itself lets pass, from INFO.
  public var platformLevel = LogLevel.info

  public init(database: ConnectionParameters) {
    self.database = database
  }

  /// - Throws: naming the variable, never repeating a value that may be secret.
  public init(environment: [String: String]) throws(ConfigurationError) {
    let variables = Variables(environment)
    guard let url = variables["DATABASE_URL"] else {
      throw ConfigurationError("DATABASE_URL", "is not set: a PostgreSQL URI or key=value text")
    }
    do {
      database = try ConnectionParameters(parsing: url).withHandlerDefaults
    } catch {
      throw ConfigurationError("DATABASE_URL", error.description)
    }
    credentials = try DatabaseCredentials(variables, for: database)
    if case .iam = credentials, variables["PGSSLMODE"] == nil {
      // The token is sent as it is: without TLS anybody on the way could log in with it.
      database = database.settingDefault("sslmode", to: "require")
    }
    if let file = RootCertificates.file(for: database, variables) {
      database = database.setting("sslrootcert", to: file)
    }
    userPoolIDs = try variables.userPoolIDs("USER_POOL_IDS")
    if let policy = try variables.choice("POST_CONFIRMATION_ON_FAILURE", of: FailurePolicy.self) {
      postConfirmationOnFailure = policy
    }
    if let policy = try variables.choice("POST_AUTHENTICATION_ON_FAILURE", of: FailurePolicy.self) {
      postAuthenticationOnFailure = policy
    }
    if let value = try variables.milliseconds("SYNC_BUDGET_MS", in: Self.budgetRange) {
      budget = value
    }
    let idleRange = Duration.milliseconds(1)...Duration.seconds(86_400)
    if let value = try variables.milliseconds("CONNECTION_IDLE_LIMIT_MS", in: idleRange) {
      idleLimit = value
    }
    if let format = try variables.choice("METRICS", of: MetricsFormat.self) { metrics = format }
    tracksSignIns = try variables.isOn("TRACK_SIGN_INS")
    putsRolesIntoTokens = try variables.isOn("TOKEN_ROLES")
    keptGroups = try variables.keptGroups("TOKEN_ROLES_KEEP")
    writeBackAttribute = try variables.customAttribute("WRITE_BACK_ATTRIBUTE")
    pushesOnSchedule = try variables.isOn("PUSH_ON_SCHEDULE")
    createsGroups = try variables.isOn("PUSH_CREATE_GROUPS")
    if let name = variables["AWS_LAMBDA_FUNCTION_NAME"] { functionName = name }
    platformLevel = max(.info, variables.platformLevel)
    if let concurrency = environment["AWS_LAMBDA_MAX_CONCURRENCY"].flatMap({ Int($0) }),
      concurrency > 1
    {
      throw ConfigurationError(
        "AWS_LAMBDA_MAX_CONCURRENCY",
        "is above 1: this function handles one invocation at a time in each process")
    }
  }

  /// The lowest level that is logged: `LOG_LEVEL`, or else the platform's `AWS_LAMBDA_LOG_LEVEL`.
  static func logLevel(
    environment: [String: String]
  ) throws(ConfigurationError) -> LogLevel {
    if let name = Variables(environment)["LOG_LEVEL"] {
      guard let level = LogLevel(lambdaName: name) else {
        throw ConfigurationError("LOG_LEVEL", "must be TRACE, DEBUG, INFO, WARN, ERROR or FATAL")
      }
      return level
    }
    return Variables(environment).platformLevel
  }
}

/// A setting that cannot be used.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  public let variable: String
  public let problem: String

  init(_ variable: String, _ problem: String) {
    self.variable = variable
    self.problem = problem
  }

  public var description: String { "\(variable) \(problem)" }
}

extension ConnectionParameters {
  /// What the handler's connections need whatever the URL says, and a name for them.
  fileprivate var withHandlerDefaults: ConnectionParameters {
    // Without a Kerberos set-up the attempt only costs time.
    settingDefault("gssencmode", to: "disable")
      .settingDefault("fallback_application_name", to: "pooltable")
  }
}

/// What a feature that has to be chosen is set to.
enum Switch: String, CaseIterable {
  case on, off
}

/// Environment variables with typed readings; a variable that is set to nothing counts as not set.
struct Variables {
  private let values: [String: String]

  init(_ values: [String: String]) {
    self.values = values
  }

  subscript(name: String) -> String? {
    guard let value = values[name], !value.isEmpty else { return nil }
    return value
  }

  /// `AWS_LAMBDA_LOG_LEVEL`, which the platform sets; INFO where it does not, or not understandably.
  var platformLevel: LogLevel {
    self["AWS_LAMBDA_LOG_LEVEL"].flatMap { LogLevel(lambdaName: $0) } ?? .info
  }

  func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, of type: Choice.Type
  ) throws(ConfigurationError) -> Choice? {
    guard let value = self[name] else { return nil }
    guard let choice = Choice(rawValue: value) else {
      let choices = type.allCases.map { "'\($0.rawValue)'" }.joined(separator: " or ")
      throw ConfigurationError(name, "must be \(choices)")
    }
    return choice
  }

  /// Not set is off.
  func isOn(_ name: String) throws(ConfigurationError) -> Bool {
    try choice(name, of: Switch.self) == .on
  }

  func customAttribute(_ name: String) throws(ConfigurationError) -> String? {
    guard let value = self[name] else { return nil }
    guard let attribute = CustomAttribute(value) else {
      throw ConfigurationError(name, "must be an attribute's full name, like custom:userId")
    }
    return attribute.name
  }

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

  func milliseconds(
    _ name: String, in range: ClosedRange<Duration>
  ) throws(ConfigurationError) -> Duration? {
    guard let value = self[name] else { return nil }
    guard let number = Int64(value), range.contains(.milliseconds(number)) else {
      let bounds = [range.lowerBound, range.upperBound].map { "\($0.wholeMillisecondsRoundedUp)" }
      throw ConfigurationError(
        name, "must be a whole number of milliseconds from \(bounds.joined(separator: " to "))")
    }
    return .milliseconds(number)
  }

  /// Ids as AWS forms them: a typo here would refuse every user.
  func userPoolIDs(_ name: String) throws(ConfigurationError) -> Set<String> {
    guard let value = self[name] else { return [] }
    let ids = value.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
    guard !ids.isEmpty, ids.allSatisfy({ UserPoolID($0) != nil }) else {
      throw ConfigurationError(
        name, "must be user pool ids like eu-central-1_a1B2c3D4e, separated by commas")
    }
    return Set(ids)
  }
}
