import Clock
import Glibc
import Synchronization

/// Reports what failed and is tried again: the first failure at once, so that nobody waits without knowing
/// for what; the same one no more often than every half minute.
struct RetryNotice {
  private static let interval = Duration.seconds(30)

  private var last: (cause: String, told: Instant)?

  /// - Parameters:
  ///   - cause: what failed, and what can be done about it.
  ///   - end: when it is given up, as a clock shows it.
  /// - Returns: nil where that has been reported already.
  mutating func line(_ cause: String, until end: String, at now: Instant = .now()) -> String? {
    if let last, last.cause == cause, last.told.duration(to: now) < Self.interval { return nil }
    last = (cause, now)
    return "\(cause); trying again until \(end), ^C ends"
  }

  /// Reports on standard error; one for all that a command waits for.
  static func teller() -> @Sendable (_ cause: String, _ until: Deadline) -> Void {
    let notice = Mutex(RetryNotice())
    return { cause, end in
      guard let line = notice.withLock({ $0.line(cause, until: end.clockText) }) else { return }
      ProgressDisplay.eraseLine()
      StandardError.print(line)
    }
  }
}

extension Deadline {
  /// `08:35:10`, in the time zone of whoever looks.
  var clockText: String { Timestamp.now().advanced(by: remaining).clockText }
}

extension Timestamp {
  /// `08:35:10`, in the time zone of whoever looks.
  var clockText: String {
    var seconds = time_t(microsecondsSinceEpoch / 1_000_000)
    var parts = tm()
    localtime_r(&seconds, &parts)
    return [parts.tm_hour, parts.tm_min, parts.tm_sec]
      .map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }
}
