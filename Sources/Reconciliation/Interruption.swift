import Glibc

/// The user's wish to end, as SIGINT or SIGTERM tells it.
public enum Interruption {
  // Written by a signal handler, one word, and only ever set.
  private nonisolated(unsafe) static var asked: sig_atomic_t = 0

  public static var isAsked: Bool { asked != 0 }

  /// From now on the first signal is a wish, and the second one ends the process at once.
  public static func listen() {
    for number in [SIGINT, SIGTERM] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in Interruption.asked = 1 }
      // Without SA_RESTART: a read from a pipe that brings nothing must end, too.
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
      sigaction(number, &action, nil)
    }
  }
}
