import CognitoPush
import Deadline
import Reconciliation

/// What `pooltable reconcile` shows: progress and problems on standard error, the outcome on standard
/// output.
struct ReconcileOutput {
  private let isVerbose: Bool
  private let isJSON: Bool
  private let start = Instant.now()
  private var progress: ProgressDisplay

  init(isVerbose: Bool, isJSON: Bool) {
    self.isVerbose = isVerbose
    self.isJSON = isJSON
    progress = ProgressDisplay("users", isSilent: isJSON)
  }

  mutating func show(_ event: Reconciler.Event) {
    switch event {
    case .progress(let now):
      progress.show(now.listed, fraction: now.fraction)
    case .resumed(let listed):
      note("going on after \(listed.grouped) users")
    case .skipped(let user):
      note("skipped: \(user)")
    case .refused(let user):
      note("refused: \(user)")
    case .difference(let difference):
      // Not worth a line: the user is as it was.
      guard isVerbose, difference.outcome != .dated else { return }
      progress.clear()
      print(difference.line)
    case .deleted(let sub):
      guard isVerbose else { return }
      progress.clear()
      print("deleted \(sub)")
    }
  }

  /// Does what is to be done beyond the table of users, with a progress of its own.
  mutating func follow(_ followUp: ReconcileFollowUp) -> ReconcileFollowUp.Result {
    progress.clear()
    var progress = ProgressDisplay("users asked for", isSilent: isJSON)
    let isVerbose = isVerbose
    return followUp.run(progress: &progress, report: { if isVerbose { print($0) } })
  }

  mutating func end(_ report: Report, _ followUp: ReconcileFollowUp.Result) {
    progress.clear()
    switch report.ending {
    case .failed(let reason): StandardError.print("Error: \(reason)")
    case .cutShort(let reason): StandardError.print("the listing is incomplete: \(reason)")
    case .interrupted, .complete: break
    }
    if let refusal = report.pruneRefusal {
      StandardError.print("nobody was marked as deleted: \(refusal)")
    }
    if report.verdict == .failed, report.ending == .complete {
      StandardError.print("Error: the listing holds no user")
    }
    if report.isResumable { StandardError.print("to go on from here, run it again with --resume") }
    if let problem = followUp.problem { StandardError.print("Error: \(problem)") }
    if isJSON {
      print(report.json(followUp, seconds: start.elapsed.milliseconds / 1000))
    } else {
      print(report.summary)
      for line in followUp.lines { print(line) }
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
    guard let value else { return "-" }
    // Nothing in it may steer the terminal.
    return "\""
      + value.unicodeScalars.map {
        $0.properties.generalCategory == .control ? "\u{FFFD}" : String($0)
      }
      .joined() + "\""
  }
}

extension Report {
  private struct JSONForm: Encodable {
    var result: String
    var exitCode: Int32
    var dryRun: Bool
    var complete: Bool
    var resumable: Bool
    var problem: String?
    var pruneRefusal: String?
    var listed, inserted, updated, deleted, unchanged, dated, stale, skipped, refused: Int
    var seconds: Double
    var writeBack: AttributePusher.Summary?
    var roles: RoleComparison.Summary?
    var repair: PushSummary?
  }

  fileprivate func json(_ followUp: ReconcileFollowUp.Result, seconds: Double) -> String {
    let verdict = verdict.combined(with: followUp.verdict)
    let problem: String? =
      switch ending {
      case .failed(let reason), .cutShort(let reason): reason
      case .interrupted: "interrupted"
      case .complete: followUp.problem
      }
    let form = JSONForm(
      result: verdict.rawValue, exitCode: verdict.exitCode, dryRun: isDryRun,
      complete: ending == .complete, resumable: isResumable, problem: problem,
      pruneRefusal: pruneRefusal?.description, listed: counts.listed, inserted: counts.inserted,
      updated: counts.updated, deleted: counts.deleted, unchanged: counts.unchanged,
      dated: counts.dated, stale: counts.stale, skipped: counts.skipped, refused: counts.refused,
      seconds: (seconds * 1000).rounded() / 1000, writeBack: followUp.writeBack,
      roles: followUp.roles, repair: followUp.repair)
    return jsonLine(form)
  }

  fileprivate var summary: String {
    let numbers = [
      ("inserted", counts.inserted), ("updated", counts.updated), ("deleted", counts.deleted),
      ("unchanged", counts.unchanged), ("dated", counts.dated), ("stale", counts.stale),
      ("skipped", counts.skipped), ("refused", counts.refused),
    ].filter { $0.1 > 0 }.map { "\($0.1.grouped) \($0.0)" }
    let ending: String =
      switch ending {
      case .interrupted: ", interrupted"
      case .cutShort: ", incomplete"
      case .complete, .failed: ""
      }
    return "\(verdict.rawValue)\(isDryRun ? " (dry run)" : "")\(ending): "
      + (["\(counts.listed.grouped) users listed"] + numbers).joined(separator: ", ")
  }
}
