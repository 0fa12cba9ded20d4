import CognitoPush
import JSON
import UserTable

/// What a push has done, and what is left in the outbox after it.
struct PushReport: Equatable {
  var users, added, removed, createdGroups: Int
  /// Left: not tried yet, as after an interruption, or being worked on by somebody else.
  var waiting: Int
  /// Left, to be tried again by themselves.
  var postponed: Int
  /// Left, with their error.
  var keptBack: Int

  /// - Parameter left: nil where this login may not look: then it is what the run itself has left.
  init(_ summary: PushSummary, left: OutboxStatus?) {
    users = summary.users
    added = summary.added
    removed = summary.removed
    createdGroups = summary.createdGroups
    waiting = left?.waiting ?? 0
    postponed = left?.retrying ?? summary.postponed
    keptBack = left?.keptBackCount ?? summary.keptBack
  }

  /// Whether nothing is left that this run should have done. What another worker is at is no failure.
  func isComplete(interrupted: Bool) -> Bool {
    postponed == 0 && keptBack == 0 && !(interrupted && waiting > 0)
  }

  var line: String {
    "\(users.counted("user")) pushed: \(added.counted("group")) added, \(removed.grouped) removed, "
      + "\(createdGroups.grouped) created; left: \(leftInWords(waiting, postponed, keptBack)) "
      + "(see --status)"
  }
}

/// What is left in the outbox.
func leftInWords(_ waiting: Int, _ retrying: Int, _ keptBack: Int) -> String {
  "\(waiting.counted("change")) waiting, \(retrying.grouped) to be tried again, "
    + "\(keptBack.grouped) kept with an error"
}

extension OutboxStatus {
  var table: String {
    var lines = [leftInWords(waiting, retrying, keptBackCount)]
    if let oldestAge { lines.append("the oldest has waited for \(oldestAge.grouped) s") }
    for change in keptBack {
      lines.append(
        "\(change.failedAt)  \(change.userPoolID)  \(change.sub)  \(change.group): \(change.error)")
    }
    if keptBackCount > keptBack.count {
      lines.append("… and \((keptBackCount - keptBack.count).grouped) more")
    }
    return lines.map(\.printable).joined(separator: "\n")
  }
}

// MARK: JSON

extension PushReport: JSONWritable {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("added", added)
      json.member("createdGroups", createdGroups)
      json.member("keptBack", keptBack)
      json.member("postponed", postponed)
      json.member("removed", removed)
      json.member("users", users)
      json.member("waiting", waiting)
    }
  }
}

extension OutboxStatus: JSONWritable {
  public func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("keptBack", keptBack)
      json.member("keptBackCount", keptBackCount)
      json.member("oldestAge", oldestAge)
      json.member("retrying", retrying)
      json.member("waiting", waiting)
    }
  }
}

extension OutboxStatus.KeptBack: JSONWritable {
  public func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("error", error)
      json.member("failedAt", failedAt)
      json.member("group", group)
      json.member("sub", sub)
      json.member("userPoolID", userPoolID)
    }
  }
}
