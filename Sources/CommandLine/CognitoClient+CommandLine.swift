import CognitoAPI
import FoundationEssentials
import UserSync

extension CognitoClient {
  /// A client as the AWS command line would be set up by the same environment.
  static func forCommandLine(backOff: BackOff? = BackOff()) throws(CommandFailure) -> CognitoClient
  {
    do {
      return try CognitoClient(
        environment: ProcessInfo.processInfo.environment, version: poolTableVersion,
        backOff: backOff,
        credentials: CredentialsSource.commandLine)
    } catch {
      throw CommandFailure(error.description)
    }
  }
}
