/// A call of the Runtime API.
public enum RuntimeCall: String, Sendable, CaseIterable {
  case next, response, error
}

/// What a status means for the life of the process.
public enum StatusDecision: Sendable, Equatable {
  /// As it should be.
  case goOn
  /// This invocation is lost or was ended by the platform; the process is well.
  case logAndGoOn
  /// The environment is broken: end the process so that Lambda makes a new one.
  case exit
}

extension RuntimeCall {
  /// - Source: the Runtime API's OpenAPI description, and the behaviour of AWS's own runtimes.
  public func decision(forStatus status: Int) -> StatusDecision {
    switch (self, status) {
    case (.next, 200): .goOn
    case (.next, _): .exit
    case (_, 202): .goOn
    // 400, 403: delivered already, or not ours any more. 410: too late. 413: the platform has
    // recorded the failure itself. None is followed by a call of `error`: that would earn a 403.
    case (_, 200..<300), (_, 400..<500): .logAndGoOn
    case (_, _): .exit
    }
  }
}
