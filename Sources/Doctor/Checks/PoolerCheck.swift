import Postgres

/// Whether something stands between this machine and the server: by the numbers of the processes that serve.
enum PoolerCheck {
  /// What was seen.
  struct Facts: Sendable, Equatable {
    /// The process that the login was told of.
    var toldPID: Int?
    /// The one that a statement ran in.
    var servingPID: Int
    /// The one that a second connection's statement ran in, while the first was open and idle; nil where there was no
    /// second one, or it was not answered.
    var secondPID: Int?
  }

  static func finding(_ facts: Facts) -> Finding {
    if facts.toldPID == facts.servingPID {
      return .ok(.pooler, "none: the connection is a process of the server's own")
    }
    guard let second = facts.secondPID else {
      return .warning(
        .pooler,
        "one is in between, and gives no second connection a server process of its own in time",
        "session mode with a small pool? The function needs transaction mode")
    }
    return second == facts.servingPID
      ? .ok(
        .pooler,
        "one is in between, in transaction mode: right for the function; migrate, reconcile and push --watch connect "
          + "directly")
      : .warning(
        .pooler,
        "one is in between, and two connections have two server processes: session mode, or a proxy that was busy",
        "transaction mode saves connections; in session mode each process of the function holds one"
      )
  }
}
