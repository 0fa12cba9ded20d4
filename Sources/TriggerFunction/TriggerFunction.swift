import Clock
import Glibc
import LambdaRuntime
import Settings

// The Lambda function: from the start of the process to the answer of each event.
//
// Read on in `TriggerHandler`, which recognises an event and has it dealt with. Which trigger asks for what is
// decided by `TriggerRule`; what a feature does stands in the folder of its name (`WriteUser`, `WriteBack`,
// `AnswerToken`, `SignUp`, `MigrateUser`, `LinkProvider`, `FollowChanges`, `ScheduledPush`, `Diagnose`); what happens when it fails
// is decided in `Failure`; how long it may take, in `SyncBudget`. The connection is in `Database`, what is logged and
// measured in `Report`.
//
// Nothing here runs beside anything else, waits without a deadline, or logs a person's data; and nothing knows a
// column of the table (`UserTable`), the Runtime API (`LambdaRuntime`) or how a request is signed.

/// The whole life of the process `bootstrap`.
public enum LambdaFunction {
  /// Starts, connects, and answers events until the Runtime API is lost. Never returns.
  public static func run() -> Never {
    let processStart = Instant.now()
    Termination.exitOnSIGTERM()
    Termination.ignoreSIGPIPE()
    // Bounds glibc's resolver where libcurl uses it; 0: a setting of the deployment wins.
    setenv("RES_OPTIONS", "timeout:1 attempts:2", 0)

    let environment = Environment.ofProcess()
    let format = LogFormat(lambdaName: environment["AWS_LAMBDA_LOG_FORMAT"])
    FatalSignals.report(in: format)
    guard let endpoint = environment["AWS_LAMBDA_RUNTIME_API"] else {
      stop(
        "AWS_LAMBDA_RUNTIME_API is not set: this program is started by AWS Lambda; "
          + "to run it here, use 'pooltable replay'", format)
    }
    let userAgent = "pooltable/\(poolTableVersion)"
    guard let api = RuntimeAPI(endpoint: endpoint, userAgent: userAgent) else {
      stop("libcurl could not be set up", format)
    }
    let configuration: Configuration
    let cognito: CognitoFeatures
    let level: LogLevel
    do {
      level = try Configuration.logLevel(environment: environment)
      configuration = try Configuration(environment: environment)
      cognito = try configuration.cognitoFeatures(environment: environment)
    } catch {
      // Should that fail as well, the line below says all there is to say.
      _ = try? api.report(
        InitializationFailure(type: "Function.InvalidConfiguration", message: error.description))
      stop(error.description, format)
    }

    let log = LambdaLog(format: format, level: level)
    let store = UserStore(
      parameters: configuration.database, credentials: configuration.credentials,
      idleLimit: configuration.idleLimit)
    do {
      try store.connect(
        until: Deadline(at: processStart.advanced(by: SyncBudget.startUpConnect)))
    } catch {
      // Not the end: each invocation tries again, and is answered by its failure policy.
      log.warning("no connection to the database yet", LogField("problem", error.withRemedy))
    }
    let metrics: InvocationMetrics? =
      switch configuration.metrics {
      case .none: nil
      case .emf:
        InvocationMetrics(
          functionName: configuration.functionName, level: configuration.platformLevel.lambdaName)
      }
    let handler = TriggerHandler(
      configuration: configuration, store: store, cognito: cognito,
      diagnose: configuration.diagnoses
        ? Diagnose(configuration, environment: environment) : nil,
      metrics: metrics, log: log
    )
    let loop = InvocationLoop(api: api, handler: handler, log: log)
    let reason = loop.run(processStart: processStart)
    stop("the Lambda Runtime API is lost: \(reason)", format)
  }

  private static func stop(_ message: String, _ format: LogFormat) -> Never {
    LambdaLog(format: format, level: .fatal).log(.fatal, message)
    exit(1)
  }
}

/// The release of `bootstrap` and `pooltable`.
public let poolTableVersion = "0.1.0"
