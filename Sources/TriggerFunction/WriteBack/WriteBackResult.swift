import CognitoAPI

/// What became of writing a row's id back.
enum WriteBackResult: Sendable, Equatable {
  case notNeeded
  case set
  /// For want of time.
  case postponed
  /// Not tried, because Cognito failed a moment ago.
  case paused
  /// - isNews: false where the log has it already.
  /// - pause: how long it is not tried again.
  case failed(CognitoError, isNews: Bool, pause: Duration)
  /// Not tried, because the event comes from a replica of the pool, which may not be written.
  case secondary
  /// The pool's id names no region to ask.
  case noRegion(isNews: Bool)

  /// As a log line has it.
  var name: String {
    switch self {
    case .notNeeded: "not needed"
    case .set: "set"
    case .postponed: "postponed"
    case .paused: "paused"
    case .secondary: "secondary"
    case .failed: "failed"
    case .noRegion: "no region"
    }
  }

  /// Whether the attribute is not what it should be for another reason than time.
  var isFailure: Bool {
    switch self {
    case .paused, .failed, .noRegion: true
    case .notNeeded, .set, .postponed, .secondary: false
    }
  }

  /// Why it failed, where that is to be told; nil elsewhere.
  var problem: String? {
    switch self {
    case .failed(let error, isNews: true, let pause):
      "the row's id could not be written back: \(error)"
        + (pause == .zero ? "" : " (the next attempt follows in \(pause.components.seconds) s)")
    case .noRegion(isNews: true):
      "no row's id is written back: the user pool's id does not begin with an AWS region "
        + "(AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER names an emulator's endpoint)"
    case .notNeeded, .set, .postponed, .paused, .secondary, .failed, .noRegion: nil
    }
  }
}
