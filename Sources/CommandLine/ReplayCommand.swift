import ArgumentParser
import Clock
import LocalLambda
import Settings
import TriggerFunction

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Runs 'bootstrap' here, and gives it events from files or standard input.",
    discussion: """
      Plays the Lambda Runtime API on loopback, starts the real 'bootstrap' with this \
      environment, hands it one event after the other, and shows what became of each:

        inserted      a new row (cognito.sync_user says this and the next three)
        updated       the row differed, and was changed
        unchanged     the row was right
        stale         the row holds something newer
        deleted       a user whom Cognito no longer has was marked
                      (FOLLOW_CHANGES=on)
        ignored       a change of nobody here
        unidentified  a change of somebody who is not found
        secondary     only the pool's primary region may do it
        admitted      a sign-up was let in by the SIGN_UP_... settings
        declined      a sign-up was refused by them: an error is the right answer
        migrated      answered with a user from before Cognito (MIGRATE_USERS=on)
        unmatched     answered with the event: there is no such user, or the
                      password is another (MIGRATE_USERS=on)
        overridden    what the tokens are to carry, which is shown (TOKEN_ROLES=on,
                      TOKEN_CLAIMS=on)
        resolved      AppSync was answered, with values or errors, which are shown
                      (APPSYNC=on)
        pushed        changed roles went to Cognito's groups (PUSH_ON_SCHEDULE=on)
        diagnosed     the doctor's findings are the answer (DOCTOR=on)
        passed        answered with the event; nothing was to be done
        refused       an error: no Cognito event, or of a pool not in USER_POOL_IDS
        failed        the user could not be written, or what a token is to carry not
                      read, or there was no answer

      A .json file holds one event. It may also hold several, one after another, as JSON lines \
      (.jsonl, .ndjson) and standard input do; then each is named with its line.

      With WRITE_BACK_ATTRIBUTE set, a column more shows what became of that: set, failed, or \
      postponed for want of time.

      Exits with 1 when an answer was neither the event's very bytes, nor the event with what is \
      answered in its response, nor one to AppSync without an InternalError, nor an expected \
      refusal; and when 'bootstrap' died, hung or did not start.

      Example:

        DATABASE_URL=postgres://postgres@127.0.0.1/app pooltable replay events/
        pooltable events PostAuthentication_Authentication --count 3 |
          pooltable replay --database-url postgres://postgres@127.0.0.1/app -
      """)

  @Argument(
    help: ArgumentHelp(
      "Files with events, folders of them, or - for standard input.", valueName: "file"),
    completion: .file())
  var paths: [String]

  @OptionGroup var database: DatabaseOptions

  @Option(
    help: ArgumentHelp(
      "The program to run. (default: the one that came with pooltable)", valueName: "path"),
    completion: .file())
  var bootstrap: String?

  @Option(
    name: .customLong("repeat"),
    help: ArgumentHelp("How often to play each event.", valueName: "n"))
  var repetitions = 1

  @Flag(help: "Print one JSON object a line instead of a table.")
  var json = false

  func validate() throws {
    if repetitions < 1 { throw ValidationError("--repeat must be 1 or more.") }
  }

  func run() throws {
    let inputs = try EventInput.find(paths)
    let session = try ReplaySession(
      executable: try BootstrapProgram.find(bootstrap),
      databaseURL: try database.connectionString())
    let attribute = Environment.ofProcess()["WRITE_BACK_ATTRIBUTE"]
    var table = ReplayTable(inputs: inputs, asJSON: json, showsWriteBack: attribute != nil)
    do {
      for input in inputs {
        let events = try EventReader(input)
        while let event = try events.next() {
          for _ in 1...repetitions { table.add(try session.replay(event)) }
        }
      }
    } catch {
      table.end()
      throw error
    }
    table.end()
    if table.hasFailures { throw ExitCode(1) }
  }
}
