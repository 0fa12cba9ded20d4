import Glibc

public enum Termination {
  /// Ends the process at once and quietly on SIGTERM, as Lambda's shutdown asks for.
  ///
  /// Nothing needs tidying: a statement under way either commits or does not, on the server.
  public static func exitOnSIGTERM() {
    signal(SIGTERM) { _ in _exit(0) }
  }

  /// A peer that is gone shows as an error of the call that writes, not as the end of the process.
  public static func ignoreSIGPIPE() {
    signal(SIGPIPE, SIG_IGN)
  }
}
