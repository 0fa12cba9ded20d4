import AWS
import ArgumentParser
import Clock
import CognitoAPI
import CognitoPush
import Postgres

struct PushCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "push",
    abstract: "Brings roles from the database to Cognito's groups.",
    discussion: """
      Every change of cognito.user_roles, and every renamed or deleted role, waits in \
      cognito.role_outbox. This command makes each user's groups what the tables say: a role's \
      name is the group's. Groups that no role names are left alone. It may be stopped at any \
      moment, and run in several places at once: nothing is lost, and what is done twice does no \
      harm.

      AWS credentials are found as the AWS command line finds them. Needed permissions: \
      cognito-idp:AdminAddUserToGroup, AdminRemoveUserFromGroup and AdminListGroupsForUser; with \
      --create-groups also CreateGroup, with --write-back also AdminUpdateUserAttributes.

      A change that is kept because its group is missing is tried again by --create-groups; any \
      other by --retry-failed. A user leaves no group while one is missing that the user should \
      be added to.

      The changes of a user pool that may not be changed are left as they are, for another run; \
      those of the others are pushed first.

      Exits with 0 when nothing is left undone, and with 1 when something is: a change waits for \
      its next attempt, or is kept with its error (see --status), also from an earlier run; a \
      user was refused the attribute of --write-back; a pool may not be changed; the run was \
      interrupted. With --watch an interruption is the normal end, and 0; what waiting cannot mend \
      (a password, a permission, a name) ends it, with 1.

      Example:

        pooltable push --create-groups
      """)

  @OptionGroup var database: DatabaseOptions

  @Flag(
    help: """
      Go on until interrupted, and push changes as they are made. Needs a direct connection, not a \
      pooler in transaction mode.
      """)
  var watch = false

  @Flag(help: "Create a group that a role names and that the user pool does not have.")
  var createGroups = false

  @Option(
    defaultAsFlag: CustomAttribute.userID,
    help: ArgumentHelp(
      """
      First give every user that lacks it the id of its row as this attribute, custom:userId where none \
      is named; reads the whole table of users.
      """, valueName: "attribute"))
  var writeBack: CustomAttribute?

  @Option(
    help: ArgumentHelp(
      """
      Where this runs: users of pools of other regions are left alone, for a replica of a pool may not be \
      written.
      """, valueName: "region"))
  var region: String?

  @Flag(help: "Try everything again that was kept with an error.")
  var retryFailed = false

  @Flag(help: "Only show what waits, and what was kept with its error.")
  var status = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if let region, !Partition.isRegion(region) {
      throw ValidationError.region
    }
    if status && (watch || createGroups || retryFailed || writeBack != nil) {
      throw ValidationError("--status goes with --json only.")
    }
  }

  func run() throws {
    try CommandFailure.withRemedies(\.remedy, work)
  }

  private func work() throws {
    if status {
      let connection = try database.connect()
      let status = try CommandFailure.withRemedies(\.remedyForOwner) {
        try RoleOutbox(connection: connection).status(until: .after(.seconds(60)))
      }
      print(json ? status.jsonText : status.table)
      return
    }
    Interruption.listen()
    let session = PushSession(
      database: database, cognito: try CognitoClient.forCommandLine(), region: region,
      createsGroups: createGroups, asJSON: json)
    // The function's login may push, and no more.
    let isWrittenBack = try CommandFailure.withRemedies(\.remedyForOwner) {
      if retryFailed { try session.retryKeptBack() }
      return try writeBack.map { try session.writeBack($0.name) } ?? true
    }
    var isPushed = true
    if watch { try session.watch() } else { isPushed = try session.pushOnce() }
    if !isWrittenBack || !isPushed { throw ExitCode(1) }
  }
}
