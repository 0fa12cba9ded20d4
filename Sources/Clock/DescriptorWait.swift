import Glibc

/// What a descriptor is waited for.
public enum DescriptorInterest: Sendable, Hashable {
  case reading
  case writing
  case readingOrWriting

  fileprivate var events: Int16 {
    switch self {
    case .reading: Int16(POLLIN)
    case .writing: Int16(POLLOUT)
    case .readingOrWriting: Int16(POLLIN | POLLOUT)
    }
  }
}

extension Deadline {
  /// Waits until `descriptor` is ready, or this deadline passes.
  ///
  /// Ready includes an error or a hang-up on the descriptor: the call that follows reports what it is.
  /// - Returns: whether it is ready; `false` when the deadline came first.
  public func wait(for interest: DescriptorInterest, on descriptor: Int32) -> Bool {
    var waited = pollfd(fd: descriptor, events: interest.events, revents: 0)
    while true {
      let milliseconds = Int32(clamping: remaining.wholeMillisecondsRoundedUp)
      let ready = poll(&waited, 1, milliseconds)
      if ready > 0 { return true }
      if ready == 0, hasPassed { return false }
      // A poll that cannot work at all (a closed descriptor is reported as ready) ends as a time-out.
      if ready < 0, errno != EINTR { return false }
    }
  }
}
