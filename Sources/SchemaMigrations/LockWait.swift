import Clock

/// A session that a migration has to wait for.
public struct LockHolder: Sendable, Equatable {
  /// nil for a prepared transaction, which belongs to no session.
  public var pid: Int?
  /// The session's login; nil for a prepared transaction.
  public var user: String?
  /// Its `application_name`, which may be empty.
  public var application: String?
  /// As `idle in transaction`; nil where the migrating login may not see it.
  public var state: String?
  /// When its transaction began; nil where the migrating login may not see it.
  public var since: Timestamp?
  /// The tables that it has locked; empty for another run of `pooltable migrate`.
  public var tables: String
}

/// A migration did not get a lock, and is tried again.
public struct LockWait: Sendable, Equatable {
  /// The one that needs the lock.
  public var migration: Migration
  /// Who may be in the way; empty where nobody could be found.
  public var holders: [LockHolder]
  /// When migrating is given up, unless the lock is free by then.
  public var end: Timestamp
}

/// How long a migration tries to get its locks, and with which pauses.
///
/// A lock that is waited for keeps everybody out who comes later, readers too. So each attempt waits for a
/// moment only, and between two of them everybody gets on.
struct LockPatience {
  /// Longer than a statement of the Lambda function takes, and short for a user who waits.
  static let lockTimeout = Duration.milliseconds(100)
  private static let firstPause = Duration.milliseconds(200)
  private static let longestPause = Duration.seconds(5)

  let limit: Duration
  private var end: (deadline: Deadline, time: Timestamp)?
  private var nextPause = firstPause

  init(limit: Duration) {
    self.limit = limit
  }

  /// The pause after one more failure, and when migrating is given up; nil once that time has come.
  ///
  /// The clock starts with the first failure.
  mutating func pause() -> (pause: Duration, end: Timestamp)? {
    let end = end ?? (.after(limit), .now().advanced(by: limit))
    self.end = end
    guard !end.deadline.hasPassed else { return nil }
    defer { nextPause = min(nextPause * 2, Self.longestPause) }
    return (min(nextPause, end.deadline.remaining), end.time)
  }
}

extension LockHolder: CustomStringConvertible {
  /// As `pid 4711 (psql, user ada, idle in transaction, since 2026-11-25 06:00:12 UTC) on cognito.users`.
  public var description: String {
    guard let pid else { return "a prepared transaction (see pg_prepared_xacts) on \(tables)" }
    let details = [
      application.flatMap { $0.isEmpty ? nil : $0 }, user.map { "user \($0)" }, state,
      since.map { "since \($0.utcText)" },
    ].compactMap(\.self).joined(separator: ", ")
    return "pid \(pid)" + (details.isEmpty ? "" : " (\(details))")
      + (tables.isEmpty ? ", which is migrating" : " on \(tables)")
  }
}

extension LockWait: CustomStringConvertible {
  public var description: String {
    "\(holders.listed) in the way; trying again until \(end.utcText), ^C ends"
  }
}

extension [LockHolder] {
  /// One line for an error or a notice.
  var listed: String {
    isEmpty
      ? "another session is"
      : map(\.description).joined(separator: "; ") + (count == 1 ? " is" : " are")
  }
}

extension Timestamp {
  /// As `2026-11-25 06:00:12 UTC`.
  fileprivate var utcText: String {
    "\(rfc3339.prefix(10)) \(rfc3339.dropFirst(11).prefix(8)) UTC"
  }
}
