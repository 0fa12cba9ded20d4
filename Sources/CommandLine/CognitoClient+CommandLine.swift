import AWS
import CognitoAPI
import Settings
import TriggerFunction

extension Environment {
  /// The region that AWS's tools would take from it; nil where none is set.
  var region: String? { self["AWS_REGION"] ?? self["AWS_DEFAULT_REGION"] }
}

extension CognitoClient {
  /// A client set up by the environment as the AWS command line would be. It reports on standard error what it
  /// tries again, and an interruption ends that.
  static func forCommandLine(backOff: BackOff? = BackOff()) throws(CommandFailure) -> CognitoClient
  {
    do {
      let client = try CognitoClient(
        environment: Environment.ofProcess(), version: poolTableVersion,
        backOff: backOff,
        credentials: CredentialsSource.commandLine)
      let tell = RetryNotice.teller()
      client.isCancelled = { Interruption.isRequested }
      client.willRetry = { error, deadline in tell(error.description, deadline) }
      return client
    } catch {
      throw CommandFailure(error.description)
    }
  }
}
