import Clock
import Reconciliation
import UserTable

/// What `pooltable reconcile` shows: progress and problems on standard error, the outcome on standard
/// output.
struct ReconcileOutput {
  private let isVerbose: Bool
  private let isJSON: Bool
  private let start = Instant.now()
  private var progress: ProgressDisplay
  private var isPruning = false

  init(isVerbose: Bool, isJSON: Bool) {
    self.isVerbose = isVerbose
    self.isJSON = isJSON
    progress = ProgressDisplay("user", isSilent: isJSON)
  }

  mutating func show(_ event: Reconciler.Event) {
    switch event {
    case .progress(let now):
      progress.show(now.users, fraction: now.fraction)
    case .checked(let now):
      if !isPruning {
        progress.clear()
        progress = ProgressDisplay("missing user", "checked", isSilent: isJSON)
        isPruning = true
      }
      progress.show(now.users, fraction: now.fraction)
    case .resumed(let listed):
      note("resumed after \(listed.counted("user"))")
    case .skipped(let user):
      note("skipped: \(user)")
    case .refused(let user):
      note("refused: \(user)")
    case .difference(let difference):
      // Not worth a line: the user is as it was.
      guard isVerbose, difference.outcome != .dated else { return }
      progress.clear()
      StandardOutput.print(difference.line)
    case .deleted(let sub):
      guard isVerbose else { return }
      progress.clear()
      StandardOutput.print("deleted \(sub)")
    case .kept(let sub):
      guard isVerbose else { return }
      progress.clear()
      StandardOutput.print("kept \(sub)")
    }
  }

  /// Does what is to be done beyond the table of users, with a progress of its own.
  mutating func follow(_ followUp: ReconcileFollowUp) -> ReconcileFollowUp.Result {
    progress.clear()
    var progress = ProgressDisplay("user", "asked for", isSilent: isJSON)
    let isVerbose = isVerbose
    return followUp.run(progress: &progress, report: { if isVerbose { StandardOutput.print($0) } })
  }

  mutating func end(_ outcome: ReconcileOutcome) {
    progress.clear()
    for problem in outcome.problems { StandardError.print(problem) }
    if isJSON {
      Swift.print(outcome.json(seconds: start.elapsed.milliseconds / 1000))
    } else {
      for line in outcome.lines { StandardOutput.print(line) }
    }
  }

  private mutating func note(_ line: String) {
    progress.clear()
    StandardError.print(line)
  }
}

extension Difference {
  /// `updated SUB email, status`, or with values `updated SUB email: "a" → "b"`.
  fileprivate var line: String {
    let columns = changes.map { change in
      change.old == nil && change.new == nil
        ? change.column : "\(change.column): \(quoted(change.old)) → \(quoted(change.new))"
    }
    return (["\(outcome.rawValue) \(sub)"] + [columns.joined(separator: ", ")])
      .filter { !$0.isEmpty }.joined(separator: "  ")
  }

  private func quoted(_ value: String?) -> String {
    value.map { "\"\($0)\"" } ?? "-"
  }
}
