import CognitoAPI

/// Whether AWS answers at all, by the first call that was made.
enum CredentialsCheck {
  /// - Parameter isNeeded: whether the function itself calls AWS; else nobody but the doctor misses it.
  static func finding(
    _ answer: Result<PoolDescription, CognitoError>, isNeeded: Bool
  ) -> Finding {
    if case .failure(let error) = answer, isAboutTheWay(error) {
      return finding(error.description, isNeeded: isNeeded)
    }
    return .ok(.credentials, "Cognito answers to them")
  }

  static func finding(_ problem: String, isNeeded: Bool) -> Finding {
    isNeeded ? .failed(.credentials, problem, nil) : .skipped(.credentials, problem)
  }

  /// Whether no other call would be answered either.
  static func isAboutTheWay(_ error: CognitoError) -> Bool {
    switch error {
    case .credentialsUnavailable, .credentialsRefused, .transport, .timedOut: true
    default: false
    }
  }
}
