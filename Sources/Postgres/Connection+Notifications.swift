import CLibPQ
import Clock

extension Connection {
  /// Waits for a notification on a channel that `LISTEN` has named; all that have come are taken.
  ///
  /// Over a direct connection only: a pooler in transaction mode knows no `LISTEN`.
  /// - Returns: whether one came before the deadline.
  public func waitForNotification(until deadline: Deadline) throws(PostgresError) -> Bool {
    while true {
      guard let handle else { throw .connectionLost }
      if takeNotifications(from: handle) { return true }
      guard deadline.wait(for: .reading, on: PQsocket(handle)) else { return false }
      guard PQconsumeInput(handle) == 1, PQstatus(handle) == CONNECTION_OK else {
        close()
        throw .connectionLost
      }
      // Somebody who never stops sending keeps the socket readable for ever.
      if deadline.hasPassed { return takeNotifications(from: handle) }
    }
  }

  private func takeNotifications(from handle: OpaquePointer) -> Bool {
    var isAny = false
    while let notification = PQnotifies(handle) {
      PQfreemem(notification)
      isAny = true
    }
    return isAny
  }
}
