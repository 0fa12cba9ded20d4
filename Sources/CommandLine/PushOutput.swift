import CognitoPush

extension PushSummary {
  var line: String {
    "\(users) users pushed: \(added) groups added, \(removed) removed, \(createdGroups) created; "
      + "\(postponed) changes wait for another attempt, \(keptBack) are kept with their error"
  }
}

extension OutboxStatus {
  var table: String {
    var lines = [
      "\(waiting) changes wait, \(retrying) wait for another attempt, "
        + "\(keptBackCount) are kept with their error"
    ]
    if let oldestAge { lines.append("the oldest has waited for \(oldestAge) s") }
    for change in keptBack {
      lines.append(
        "\(change.failedAt)  \(change.userPoolID)  \(change.sub)  \(change.group): \(change.error)")
    }
    if keptBackCount > keptBack.count {
      lines.append("… and \(keptBackCount - keptBack.count) more")
    }
    return lines.joined(separator: "\n")
  }
}
