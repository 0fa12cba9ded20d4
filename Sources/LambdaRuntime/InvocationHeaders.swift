import Clock

/// Turns Lambda's deadline, on the wall clock, into one on the monotonic clock.
///
/// - Parameter header: `Lambda-Runtime-Deadline-Ms`, milliseconds since 1970.
/// - Returns: nil when it is missing or no positive number; the default budget holds then.
func deadline(fromHeader header: String?, at now: Instant, _ time: Timestamp) -> Deadline? {
  guard let milliseconds = header.flatMap({ Int64($0) }), milliseconds > 0 else { return nil }
  let (microseconds, overflow) = milliseconds.multipliedReportingOverflow(by: 1000)
  let end = Timestamp(microsecondsSinceEpoch: overflow ? .max : microseconds)
  return Deadline(at: now.advanced(by: time.duration(to: end)))
}
