import ArgumentParser
import TriggerFunction

// The command `pooltable`: one file a subcommand, what it shows beside it.
//
// Answers go to standard output, everything else to standard error; nothing printed steers a terminal. What a command
// does is in the modules below: here are its options, its words and its exit code.
//
// What `--json` prints is one object a line with its keys in alphabetical order. A member that has nothing to say is left
// out; seconds and milliseconds have three decimals at most.

@main
struct PoolTable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pooltable",
    abstract: "Keeps a table of users in PostgreSQL in step with an Amazon Cognito user pool.",
    discussion: """
      Exit codes: 0 all went well; 1 the command failed, or found what should not be (each \
      command's help says what); 64 the command line is wrong.

      Example:

        DATABASE_URL=postgres://127.0.0.1/app pooltable migrate --status
      """,
    version: poolTableVersion,
    subcommands: [
      MigrateCommand.self, ReconcileCommand.self, ImportCommand.self, PushCommand.self,
      StatusCommand.self,
      ForgetCommand.self, LinkCommand.self, MergeCommand.self, VerifyCommand.self,
      WhoAmICommand.self, JWKSCommand.self, InviteCommand.self, InvitationsCommand.self,
      RevokeCommand.self, EventsCommand.self, ReplayCommand.self, LocalCommand.self,
      DoctorCommand.self,
    ])

  /// As ArgumentParser's own, but for errors: whatever they quote steers no terminal.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let code = exitCode(for: error)
      // Help and the version are asked for, and go to standard output.
      if code.isSuccess { exit(withError: error) }
      let text = fullMessage(for: error)
      if !text.isEmpty {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
          StandardError.print(String(line))
        }
      }
      exit(withError: code)
    }
  }
}
