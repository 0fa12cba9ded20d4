import Clock
import CognitoAPI
import CognitoTriggers
import LambdaRuntime
import Postgres
import Settings

/// The settings of `bootstrap`, read from the environment once, at start-up.
public struct Configuration: Sendable {
  /// Below this no connection could be made; above it an answer could miss Cognito's 5 seconds.
  static let budgetRange = Duration.milliseconds(100)...Duration.milliseconds(4300)

  /// `DATABASE_URL`, with what the handler needs added to it.
  public var database: ConnectionParameters
  /// `DATABASE_AUTH` and `DATABASE_SECRET_ARN`.
  public var credentials = DatabaseCredentials.connectionString
  /// Empty: every pool.
  public var userPoolIDs: Set<String> = []
  public var postConfirmationOnFailure = FailurePolicy.fail
  /// Nobody is locked out because a table is behind.
  public var postAuthenticationOnFailure = FailurePolicy.continue
  /// What a token is worth that could not be given what the database has for it: by default as much as one of
  /// Cognito's own.
  public var tokenGenerationOnFailure = FailurePolicy.continue
  /// From the arrival of an event to its answer.
  public var budget = Duration.milliseconds(4000)
  /// A connection that was idle for longer is replaced: network gear drops it without a word.
  public var idleLimit = Duration.seconds(300)
  /// `METRICS`.
  public var metrics = MetricsFormat.none
  /// Whether a sign-in is recorded: off, because it makes a write of every one.
  public var tracksSignIns = false
  /// Whether token generation writes the user, too: it can be all that is ever seen of one.
  public var writesOnToken = false
  /// Whether the tokens' groups are the database's roles.
  public var putsRolesIntoTokens = false
  /// Which of Cognito's own groups stay in them; nil: none.
  public var keptGroups: KeptGroups?
  /// Whether the tokens carry the database's claims.
  public var putsClaimsIntoTokens = false
  /// The keys that are kept of what the client sends along with the first confirmation; empty: none.
  public var clientMetadataKeys: [String] = []
  /// Who may sign up.
  var signUp = SignUpPolicy()
  /// Whose identities are linked to native users; nil: nobody's.
  public var linking: LinkSettings?
  /// How users from before Cognito are brought along; nil: not at all.
  var migration: MigrationSettings?
  /// The attribute that a user's id is written to, as `custom:userId`; nil: none.
  public var writeBackAttribute: String?
  /// Whether records of CloudTrail's are followed.
  public var followsChanges = false
  /// Whether AppSync's requests are answered.
  public var answersAppSync = false
  /// Whether an invocation by a schedule drains the outbox of roles.
  public var pushesOnSchedule = false
  /// Whether that makes groups that roles name and that are missing.
  public var createsGroups = false
  /// Whether the doctor may be asked.
  public var diagnoses = false
  /// Where the function runs, by AWS's name; nil where nothing says it.
  public var region: String?
  /// What the metrics are told apart by.
  public var functionName = "pooltable"
  /// The lowest level that Lambda itself lets pass, from INFO.
  public var platformLevel = LogLevel.info

  /// Everything but the database at its default.
  public init(database: ConnectionParameters) {
    self.database = database
  }

  /// - Throws: naming the variable, never repeating a value that may be secret.
  public init(environment: Environment) throws(SettingError) {
    guard let url = environment["DATABASE_URL"] else {
      throw SettingError("DATABASE_URL", "is not set: a PostgreSQL URI or key=value text")
    }
    do {
      database = try ConnectionParameters(setting: url).withHandlerDefaults
    } catch {
      throw SettingError("DATABASE_URL", error.description)
    }
    credentials = try DatabaseCredentials(environment, for: database)
    if case .iam = credentials, environment["PGSSLMODE"] == nil {
      // The token is sent as it is: without TLS anybody on the way could log in with it.
      database = database.settingDefault("sslmode", to: "require")
    }
    if let file = RootCertificates.file(for: database, environment) {
      database = database.setting("sslrootcert", to: file)
    }
    userPoolIDs = try environment.userPoolIDs("USER_POOL_IDS")
    if let policy = try environment.choice("POST_CONFIRMATION_ON_FAILURE", of: FailurePolicy.self) {
      postConfirmationOnFailure = policy
    }
    if let policy = try environment.choice("POST_AUTHENTICATION_ON_FAILURE", of: FailurePolicy.self)
    {
      postAuthenticationOnFailure = policy
    }
    if let policy = try environment.choice("TOKEN_GENERATION_ON_FAILURE", of: FailurePolicy.self) {
      tokenGenerationOnFailure = policy
    }
    if let value = try environment.milliseconds("SYNC_BUDGET_MS", in: Self.budgetRange) {
      budget = value
    }
    let idleRange = Duration.milliseconds(1)...Duration.seconds(86_400)
    if let value = try environment.milliseconds("CONNECTION_IDLE_LIMIT_MS", in: idleRange) {
      idleLimit = value
    }
    if let format = try environment.choice("METRICS", of: MetricsFormat.self) { metrics = format }
    tracksSignIns = try environment.isOn("TRACK_SIGN_INS")
    writesOnToken = try environment.isOn("SYNC_ON_TOKEN")
    putsRolesIntoTokens = try environment.isOn("TOKEN_ROLES")
    keptGroups = try environment.value(
      "TOKEN_ROLES_KEEP",
      "must be names of groups, separated by commas, each with a * at its end where it is a name's beginning",
      KeptGroups.init(_:))
    putsClaimsIntoTokens = try environment.isOn("TOKEN_CLAIMS")
    if let keys = try environment.list(
      "CLIENT_METADATA_KEYS", "must be keys of clientMetadata, separated by commas")
    {
      clientMetadataKeys = keys
    }
    signUp = try SignUpPolicy(environment)
    linking = try LinkSettings(environment: environment)
    migration = try MigrationSettings(environment)
    writeBackAttribute = try environment.value(
      "WRITE_BACK_ATTRIBUTE", "must be an attribute's full name, like custom:userId",
      CustomAttribute.init(_:))?.name
    followsChanges = try environment.isOn("FOLLOW_CHANGES")
    if followsChanges, userPoolIDs.isEmpty {
      throw SettingError(
        "FOLLOW_CHANGES",
        "needs USER_POOL_IDS, the pools that are followed: CloudTrail tells of every pool of the account"
      )
    }
    answersAppSync = try environment.isOn("APPSYNC")
    pushesOnSchedule = try environment.isOn("PUSH_ON_SCHEDULE")
    createsGroups = try environment.isOn("PUSH_CREATE_GROUPS")
    diagnoses = try environment.isOn("DOCTOR")
    region = environment["AWS_REGION"]
    if let name = environment["AWS_LAMBDA_FUNCTION_NAME"] { functionName = name }
    platformLevel = max(.info, environment.platformLevel)
    if let concurrency = environment["AWS_LAMBDA_MAX_CONCURRENCY"].flatMap({ Int($0) }),
      concurrency > 1
    {
      throw SettingError(
        "AWS_LAMBDA_MAX_CONCURRENCY",
        "is above 1: this function handles one invocation at a time in each process")
    }
  }

  /// The lowest level that is logged: `LOG_LEVEL`, or else the platform's `AWS_LAMBDA_LOG_LEVEL`.
  static func logLevel(
    environment: Environment
  ) throws(SettingError) -> LogLevel {
    try environment.value(
      "LOG_LEVEL", "must be TRACE, DEBUG, INFO, WARN, ERROR or FATAL", LogLevel.init(lambdaName:))
      ?? environment.platformLevel
  }
}

extension Configuration {
  /// What an operator is told where a pool is not served.
  static let poolNotServed = "the user pool is not in USER_POOL_IDS"

  /// - Parameter userPoolID: nil where an event names none: it is served where every pool is.
  func serves(_ userPoolID: String?) -> Bool {
    userPoolIDs.isEmpty || userPoolID.map(userPoolIDs.contains) == true
  }
}

extension ConnectionParameters {
  /// What the handler's connections need whatever the URL says, and a name for them.
  fileprivate var withHandlerDefaults: ConnectionParameters {
    // Without a Kerberos set-up the attempt only costs time.
    settingDefault("gssencmode", to: "disable")
      .settingDefault("fallback_application_name", to: "pooltable")
  }
}

extension Environment {
  /// `AWS_LAMBDA_LOG_LEVEL`, which the platform sets; INFO where it does not, or not understandably.
  fileprivate var platformLevel: LogLevel {
    self["AWS_LAMBDA_LOG_LEVEL"].flatMap { LogLevel(lambdaName: $0) } ?? .info
  }

  /// Ids as AWS forms them: a typo here would refuse every user.
  fileprivate func userPoolIDs(_ name: String) throws(SettingError) -> Set<String> {
    let rule = "must be user pool ids like eu-central-1_a1B2c3D4e, separated by commas"
    guard let ids = try list(name, rule) else { return [] }
    guard ids.allSatisfy({ UserPoolID($0) != nil }) else { throw SettingError(name, rule) }
    return Set(ids)
  }
}
