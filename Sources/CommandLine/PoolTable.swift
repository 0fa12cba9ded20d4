import ArgumentParser
import TriggerFunction

@main
struct PoolTable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pooltable",
    abstract: "Keeps a table of users in PostgreSQL in step with an Amazon Cognito user pool.",
    discussion: """
      Exit codes: 0 all went well; 1 the command failed, or found what should not be (each \
      command's help says what); 64 the command line is wrong.
      """,
    version: poolTableVersion,
    subcommands: [
      MigrateCommand.self, ReconcileCommand.self, PushCommand.self, ReplayCommand.self,
    ])
}
