import Clock
import Glibc

extension Deadline {
  /// Waits until one of `descriptors` can be read, a signal comes, or this deadline passes.
  func waitForReading(onAny descriptors: [Int32]) {
    var waited = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    let wait = Int32(clamping: remaining.wholeMillisecondsRoundedUp)
    _ = poll(&waited, nfds_t(waited.count), wait)
  }
}
