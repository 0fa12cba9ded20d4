import Glibc
import Synchronization

/// A request to stop, by Control-C or by whoever runs the process: work in hand is finished, and nothing new is
/// begun.
enum Interruption {
  private static let wasRequested = Atomic(false)

  /// From now on the first SIGINT or SIGTERM only asks; the second ends the process as usual.
  static func listen() {
    // A signal handler must not be the first to touch it.
    wasRequested.store(false, ordering: .sequentiallyConsistent)
    for signal in [SIGINT, SIGTERM] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in Interruption.request() }
      // So that a wait ends at once, and the second signal is the last.
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
      sigaction(signal, &action, nil)
    }
  }

  static var isRequested: Bool { wasRequested.load(ordering: .sequentiallyConsistent) }

  private static func request() {
    wasRequested.store(true, ordering: .sequentiallyConsistent)
  }
}
