/// What Lambda gives the function.
enum FunctionChecks {
  /// Cognito waits for so many seconds; Lambda's own default is 3.
  static let cognitoWaits = 5

  /// One finding for each of what is known. What memory must do beside running the function itself, such as
  /// verifying a password's hash, is a rule of its own in here.
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
    }
    return found
  }
}
