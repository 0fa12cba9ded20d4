import Clock
import JSON
import Postgres
import TokenVerification

/// A file that holds a user pool's keys, kept in step with them.
struct KeyFile {
  /// After a failure it is tried again as soon as this.
  private static let retry = Duration.seconds(30)

  let path: String
  let keys: PoolKeys
  let interval: Duration
  /// The database by which PostgREST is told; nil where nobody is.
  let parameters: ConnectionParameters?

  init(
    path: String, keys: PoolKeys, interval: Duration, notifying parameters: ConnectionParameters?
  ) {
    self.path = path
    self.keys = keys
    self.interval = interval
    self.parameters = parameters
  }

  /// - Throws: where the file cannot be written, which no waiting mends.
  func keepUntilInterrupted() throws {
    var mustNotify = false
    while !Interruption.isRequested {
      var wait = interval
      do {
        if try write(keys.all(until: .after(.seconds(20)))) { mustNotify = parameters != nil }
      } catch let failure as KeyFailure {
        wait = min(interval, Self.retry)
        StandardError.print("\(failure); \(path) stays as it is, \(Self.again(wait))")
      }
      if mustNotify, let parameters {
        do {
          try Self.notify(parameters)
          mustNotify = false
        } catch {
          wait = min(interval, Self.retry)
          StandardError.print(
            "PostgREST was not told: the database: \(error.withRemedy); \(Self.again(wait))")
        }
      }
      Deadline.after(wait).sleep(unless: { Interruption.isRequested })
    }
  }

  /// - Returns: whether the file held something else before.
  private func write(_ keys: JSONWebKeySet) throws -> Bool {
    let text = Array("\(keys.jsonText)\n".utf8)
    guard FileReplacement.contents(of: path, upTo: text.count + 1) != text else { return false }
    do { try FileReplacement.write(text, to: path) } catch {
      throw CommandFailure("\(path): \(error)")
    }
    StandardError.print("\(path): \(keys.count.counted("key")) written")
    return true
  }

  /// Source: PostgREST's documentation, "Configuration Reloading".
  private static func notify(_ parameters: ConnectionParameters) throws(PostgresError) {
    let connection = try Connection.open(parameters, until: .after(.seconds(10)))
    _ = try connection.query("NOTIFY pgrst, 'reload config'", until: .after(.seconds(10)))
  }

  private static func again(_ wait: Duration) -> String {
    "asking again in \(wait.components.seconds) s, ^C ends"
  }
}
