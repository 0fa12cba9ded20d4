import Settings

extension CredentialsSource {
  /// Those that AWS's own command would find, as far as they are there for the taking: the
  /// environment's, a profile's in the shared files, a container's.
  ///
  /// For `pooltable`; a Lambda function has its keys in the environment, and reads no files. Roles that
  /// must be assumed and logins (SSO) are left to AWS's command, as the errors say.
  /// - Throws: what can be known at once; files and endpoint are asked when the first call is made, and
  ///   again when keys expire or are refused.
  public static func commandLine(
    _ environment: Environment
  ) throws(CredentialsError) -> CredentialsSource {
    if try AWSCredentials(environment: environment) != nil { return try .environment(environment) }
    let files = SharedFiles(environment: environment)
    let container = try ContainerCredentials(environment: environment)
    return CredentialsSource { (deadline) throws(CredentialsError) in
      if let credentials = try files.credentials() { return ExpiringCredentials(credentials) }
      guard let container else {
        throw .missing(
          searched: "the environment or the files ~/.aws/credentials and ~/.aws/config")
      }
      return try container.credentials(until: deadline)
    }
  }
}
