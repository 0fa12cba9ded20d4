import CognitoAPI
import Deadline
import Glibc

/// Tells of calls to Cognito that failed and are made again: the first failure at once, so that nobody waits
/// without knowing for what; the same one no more often than every half minute.
struct RetryNotice {
  private static let interval = Duration.seconds(30)

  private var last: (error: CognitoError, told: Instant)?

  /// - Parameter end: when the call is given up, as a clock shows it.
  /// - Returns: nil where it is told already.
  mutating func line(_ error: CognitoError, until end: String, at now: Instant = .now()) -> String?
  {
    if let last, last.error == error, last.told.duration(to: now) < Self.interval { return nil }
    last = (error, now)
    return "\(error); trying again until \(end), ^C ends"
  }
}

extension Deadline {
  /// `08:35:10`, in the time zone of whoever looks.
  var clockText: String {
    var seconds = time(nil) + Int(remaining.components.seconds)
    var parts = tm()
    localtime_r(&seconds, &parts)
    return [parts.tm_hour, parts.tm_min, parts.tm_sec]
      .map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }
}
