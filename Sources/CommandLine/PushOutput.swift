import CognitoPush
import JSON
import UserTable

/// What a push has done, and what is left in the outbox after it.
struct PushReport: Equatable {
  /// What is postponed and kept back in it is all that is left so, also from earlier runs.
  private var summary: PushSummary
  /// Left: not tried yet, as after an interruption, or being worked on by somebody else.
  private var waiting = 0

  /// - Parameter left: nil where this login may not look: then it is what the run itself has left.
  init(_ summary: PushSummary, left: OutboxStatus?) {
    self.summary = summary
    guard let left else { return }
    waiting = left.waiting
    self.summary.postponed = left.retrying
    self.summary.keptBack = left.keptBackCount
  }

  /// Whether nothing is left that this run should have done. What another worker is at is no failure.
  func isComplete(interrupted: Bool) -> Bool {
    summary.postponed == 0 && summary.keptBack == 0 && !(interrupted && waiting > 0)
  }

  var line: String {
    "\(summary.users.counted("user")) pushed: \(summary.added.counted("group")) added, "
      + "\(summary.removed.grouped) removed, \(summary.createdGroups.grouped) created; left: "
      + "\(leftInWords(waiting, summary.postponed, summary.keptBack)) (see --status)"
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
      summary.writeMembers(to: &json)
      json.member("waiting", waiting)
    }
  }
}

extension PushSummary: JSONWritable {
  public func write(to json: inout JSONWriter) {
    json.object { json in writeMembers(to: &json) }
  }

  fileprivate func writeMembers(to json: inout JSONWriter) {
    json.member("added", added)
    json.member("createdGroups", createdGroups)
    json.member("keptBack", keptBack)
    json.member("postponed", postponed)
    json.member("removed", removed)
    json.member("users", users)
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
