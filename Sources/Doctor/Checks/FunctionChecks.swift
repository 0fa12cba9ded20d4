/// What Lambda gives the function.
enum FunctionChecks {
  /// Cognito waits for so many seconds; Lambda's own default is 3.
  static let cognitoWaits = 5

  /// What bcrypt of cost 12 takes on a whole core, in milliseconds; Lambda gives one at 1,769 MB, and shares below.
  private static let (hash, core) = (210, 1769)

  /// One finding for each of what is known.
  static func findings(_ deployment: Deployment) -> [Finding] {
    var found: [Finding] = []
    if let timeout = deployment.timeout {
      found.append(
        timeout < cognitoWaits
          ? .failed(
            .function, "Lambda ends it after \(timeout) s, Cognito waits \(cognitoWaits) s",
            "Timeout: \(cognitoWaits)")
          : .ok(.function, "Lambda ends it after \(timeout) s"))
    }
    if let memory = deployment.memory {
      found.append(
        memory < 256
          ? .warning(
            .function,
            "\(memory) MB of memory, and as little of a processor: a cold start's TLS takes long",
            "MemorySize: 256")
          : .ok(.function, "\(memory) MB of memory"))
      // Which hashes a table has, nobody can see from here.
      if deployment.features.migratesUsers, memory < 1024 {
        found.append(
          .warning(
            .function,
            "MIGRATE_USERS is on, and a password of bcrypt with cost 12 takes some \(hash * core / max(memory, 1)) ms at \(memory) MB",
            "MemorySize: 1024, until everybody is here"))
      }
    }
    return found
  }
}
