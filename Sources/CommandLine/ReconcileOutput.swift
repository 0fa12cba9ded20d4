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

  mutating func end(_ report: Report) {
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
    if isJSON {
      print(report.json(seconds: start.elapsed.milliseconds / 1000))
    } else {
      print(report.summary)
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
  }

  fileprivate func json(seconds: Double) -> String {
    let problem: String? =
      switch ending {
      case .failed(let reason), .cutShort(let reason): reason
      case .interrupted: "interrupted"
      case .complete: nil
      }
    let form = JSONForm(
      result: verdict.rawValue, exitCode: verdict.exitCode, dryRun: isDryRun,
      complete: ending == .complete, resumable: isResumable, problem: problem,
      pruneRefusal: pruneRefusal?.description, listed: counts.listed, inserted: counts.inserted,
      updated: counts.updated, deleted: counts.deleted, unchanged: counts.unchanged,
      dated: counts.dated, stale: counts.stale, skipped: counts.skipped, refused: counts.refused,
      seconds: (seconds * 1000).rounded() / 1000)
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
