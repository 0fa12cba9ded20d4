import CognitoPush

/// What a push has done, and what is left in the outbox after it.
struct PushReport: Encodable, Equatable {
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
      + "\(createdGroups.grouped) created; left: \(leftInWords(waiting, postponed, keptBack))"
  }
}

private func leftInWords(_ waiting: Int, _ retrying: Int, _ keptBack: Int) -> String {
  "\(waiting.counted("change")) waiting, \(retrying.grouped) to be tried again, "
    + "\(keptBack.grouped) kept with an error (see --status)"
}

extension OutboxStatus {
  var table: String {
    var lines = [
      "\(waiting.counted("change")) waiting, \(retrying.grouped) to be tried again, "
        + "\(keptBackCount.grouped) kept with an error"
    ]
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
