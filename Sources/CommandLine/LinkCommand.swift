import ArgumentParser
import CognitoAPI
import Postgres
import Settings
import TriggerFunction
import UserTable

struct LinkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "link",
    abstract:
      "Makes two accounts of one person one: a provider's identity becomes the native user's.",
    discussion: """
      For federated users who signed in before identities were linked, or whom a doubt kept \
      apart. The view cognito.duplicates has pairs of a federated and a native user with the \
      same verified address; for each pair, Cognito is asked about both. The rules are those of \
      the function, see "Accounts of one person" in README.md: all of them, or no link.

      With --dry-run it only says which pairs could be linked, and why others could not. \
      Otherwise name users, by the id of their row or by their sub, or give --all.

      Cognito links no identity that has a user of its own. With --delete-federated that user is \
      DELETED in Cognito, for good, once a call that can link nobody has shown that links are \
      permitted; then the identity is linked, the old row is marked as \
      deleted, and 'pooltable merge' is done: all that references the old row references the \
      native user's. It goes on one pair at a time; a pair that failed half way is finished by \
      the next run. The person has to sign in again.

      AWS credentials are found as the AWS command line finds them. Needed permissions: \
      cognito-idp:ListUsers, AdminGetUser, AdminLinkProviderForUser and, with \
      --delete-federated, AdminDeleteUser. Connect with the login that owns the schema, and that \
      may update the tables that reference it.

      Exits with 0 when every pair was linked and merged, or with --dry-run when all could be \
      asked about; with 1 when something was left, or a user who was named is in no pair.

      Example:

        pooltable link --providers Google,SignInWithApple --dry-run
      """)

  @OptionGroup var database: DatabaseOptions

  @Argument(
    help: ArgumentHelp("The id of a row, or a sub: of either of the two.", valueName: "id|sub"))
  var users: [UserReference] = []

  @Flag(help: "Every pair. Try --dry-run first.")
  var all = false

  @Flag(help: "Only say which pairs could be linked.")
  var dryRun = false

  @Flag(
    help:
      "Delete the federated user in Cognito first, who may not exist when the identity is linked.")
  var deleteFederated = false

  @Option(
    help: ArgumentHelp(
      "Whose identities are linked, as the user pool names them: Google,SignInWithApple. (default: $LINK_PROVIDERS)",
      valueName: "names"))
  var providers: String?

  @Option(
    help: ArgumentHelp(
      "The attribute that the provider's subject is mapped to. (default: $LINK_SUBJECT_ATTRIBUTE)",
      valueName: "name"))
  var subjectAttribute: String?

  @OptionGroup var pool: PoolOption

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if all && !users.isEmpty { throw ValidationError("Give either users or --all.") }
    if !dryRun && !all && users.isEmpty {
      throw ValidationError("Name users, or give --all, or only look with --dry-run.")
    }
  }

  func run() throws {
    let settings = try linkSettings()
    let outcome = try CommandFailure.withRemedies(\.remedyForOwner) {
      let connection = try database.connect()
      let pairs = try connection.run(
        LinkPairsCall(of: users.isEmpty ? nil : users, userPoolID: pool.userPoolID),
        until: .forWholeTable)
      Interruption.listen()
      var session = LinkSession(
        connection: connection, cognito: try CognitoClient.forCommandLine(), settings: settings,
        isDryRun: dryRun, deletesFederated: deleteFederated)
      return try go(through: pairs, &session)
    }
    if json { print(outcome.jsonText) } else { StandardOutput.print(outcome.line) }
    if !outcome.isComplete { throw ExitCode(1) }
  }

  private func go(through pairs: [LinkPair], _ session: inout LinkSession) throws -> LinkRun {
    var outcome = LinkRun(isDryRun: dryRun)
    outcome.unknown = users.filter { user in !pairs.contains { $0.concerns(user) } }
    for user in outcome.unknown {
      StandardError.print(
        "refused: \(user) is in no pair of a federated and a native user with the same verified address; "
          + "'pooltable link --dry-run' shows all pairs")
    }
    for pair in pairs {
      guard !Interruption.isRequested, outcome.pairs.last?.stopsTheRun != true else {
        outcome.hasStopped = true
        break
      }
      let result = session.perform(pair)
      if !json {
        for line in result.lines { StandardOutput.print(line) }
      }
      outcome.pairs.append(result)
    }
    return outcome
  }

  /// By the options, or else the function's own variables.
  private func linkSettings() throws(CommandFailure) -> LinkSettings {
    let environment = Environment.ofProcess()
    let options = [
      ("LINK_PROVIDERS", providers), ("LINK_SUBJECT_ATTRIBUTE", subjectAttribute),
    ]
    let variables = options.compactMap { name, option in
      (option ?? environment[name]).map { (name, $0) }
    }
    let settings: LinkSettings?
    do {
      settings = try LinkSettings(
        environment: Environment(Dictionary(variables) { first, _ in first }))
    } catch {
      throw CommandFailure(error.description)
    }
    guard let settings else {
      throw CommandFailure(
        "no provider whose identities may be linked: give --providers or set LINK_PROVIDERS")
    }
    return settings
  }
}

extension LinkPair {
  fileprivate func concerns(_ user: UserReference) -> Bool {
    [federatedID, federated.sub.description, nativeID, nativeSub.description]
      .contains(user.description)
  }
}
