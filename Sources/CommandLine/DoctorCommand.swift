import AWS
import ArgumentParser
import Clock
import CognitoAPI
import Doctor
import Postgres
import SchemaMigrations
import Settings
import TriggerFunction

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Checks a deployment from where it runs: one line each, with what to do.",
    discussion: """
      Reads the function's own variables as they are here (DATABASE_URL, USER_POOL_IDS, TOKEN_ROLES and so on), or \
      with --function-name as Lambda has them, and looks whether all is as they need it: the database and the way to \
      it; the login's rights, too few and too many; AWS, and each permission; the pool, its triggers and app clients; \
      with FOLLOW_CHANGES=on trail and rules. Changes nothing, and prints no secret.

      AWS credentials are found as the AWS command line finds them, and the permissions are theirs. The doctor itself \
      reads with cognito-idp:DescribeUserPool, ListUserPoolClients, DescribeUserPoolClient and ListUserPoolReplicas, \
      lambda:GetFunctionConfiguration, cloudtrail:DescribeTrails, GetTrailStatus and GetEventSelectors, and \
      events:ListRuleNamesByTarget, DescribeRule and TestEventPattern. What it may not ask is skipped.

      With DOCTOR=on the function answers the event {"doctor":true} with the same, from inside its network.

      Exits with 0 when nothing has failed, and with 1 when something has; warnings do not count.

      Example:

        pooltable doctor --user-pool-id eu-central-1_a1B2c3D4e \\
          --function-name pooltable
      """)

  @OptionGroup var database: DatabaseOptions

  @Option(
    help: ArgumentHelp(
      "A user pool, in place of those of USER_POOL_IDS.", valueName: "id"))
  var userPoolID: String?

  @Option(
    help: ArgumentHelp(
      "The Lambda function, by its name or its ARN: its settings are asked of Lambda.",
      valueName: "name"))
  var functionName: String?

  @Option(
    help: ArgumentHelp(
      "Where the function runs. (default: $AWS_REGION, or else the pool's region)",
      valueName: "region"))
  var region: String?

  @Option(
    help: ArgumentHelp(
      """
      The function's login, whose rights are looked at where the connection is another's, as the owner's.
      """, valueName: "name"))
  var handlerRole: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if let userPoolID, UserPoolID(userPoolID) == nil { throw ValidationError.userPoolID }
    if let region, !Partition.isRegion(region) { throw ValidationError.region }
    if let functionName, FunctionReference(functionName) == nil {
      throw ValidationError("--function-name must be a function's name or ARN.")
    }
    if functionName != nil, functionRegion == nil {
      throw ValidationError(
        "Where the function of --function-name runs is not known: give --region, or its ARN, or set AWS_REGION."
      )
    }
  }

  private var pool: UserPoolID? { userPoolID.flatMap { UserPoolID($0) } }
  private var function: FunctionReference? { functionName.flatMap { FunctionReference($0) } }

  /// Nil where nothing says it.
  private var functionRegion: String? {
    function?.region ?? region ?? Environment.ofProcess().region ?? pool?.region
  }

  func run() throws {
    let output = DoctorOutput(asJSON: json)
    let session = DoctorSession(
      url: database.url, pool: pool, function: function, functionRegion: functionRegion,
      region: region, handlerRole: handlerRole)
    session.run(reporting: output.show)
    output.finish()
    if !output.diagnosis.isHealthy { throw ExitCode(1) }
  }
}
