import Clock
import Foundation

/// Runs `body` in a thread of its own, after a while; what it uses must be left alone meanwhile.
///
/// A connection or a server is used by one thread at a time here, which the compiler cannot see.
public func inBackground(after delay: Duration = .zero, _ body: @escaping () -> Void) {
  nonisolated(unsafe) let body = body
  Thread.detachNewThread {
    Deadline.after(delay).sleep()
    body()
  }
}
