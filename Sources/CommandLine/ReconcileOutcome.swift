import CognitoPush
import Reconciliation

/// What `pooltable reconcile` came to, the other direction included: its words, its JSON and its exit code are
/// made of one verdict.
struct ReconcileOutcome {
  let report: Report
  let followUp: ReconcileFollowUp.Result

  init(_ report: Report, _ followUp: ReconcileFollowUp.Result = .init()) {
    self.report = report
    self.followUp = followUp
  }

  /// The worse of both: what failed before what is left, before what was changed.
  var verdict: Report.Verdict {
    let order: [Report.Verdict] = [.failed, .differencesLeft, .changed, .inStep]
    return order.first { $0 == report.verdict || $0 == followUp.verdict } ?? report.verdict
  }

  private static let nobody = "the listing holds no user"

  /// Whether the listing was read to its end, and held nobody that could be read.
  private var isEmpty: Bool { report.verdict == .failed && report.ending == .complete }

  private static func interrupted(while cause: String?) -> String {
    cause.map { "interrupted while waiting: \($0)" } ?? "interrupted"
  }

  /// What somebody must be told beside the answer.
  var problems: [String] {
    var problems: [String] = []
    switch report.ending {
    case .failed(let reason): problems.append("Error: \(reason)")
    case .cutShort(let reason): problems.append("the listing is incomplete: \(reason)")
    case .interrupted(let cause?): problems.append(Self.interrupted(while: cause))
    case .interrupted(nil), .complete: break
    }
    if let refusal = report.pruneRefusal {
      problems.append("nobody was marked as deleted: \(refusal)")
    }
    if isEmpty { problems.append("Error: \(Self.nobody)") }
    if report.isResumable { problems.append("to resume from here, run it again with --resume") }
    if let problem = followUp.problem { problems.append("Error: \(problem)") }
    if let cause = followUp.waitedFor { problems.append(Self.interrupted(while: cause)) }
    return problems
  }

  /// The verdict and what it rests on first, then a line for each thing that was done beyond the table.
  var lines: [String] {
    let counts = report.counts
    let verb: (String) -> String = { report.isDryRun ? "would be \($0)" : $0 }
    let numbers = [
      (verb("inserted"), counts.inserted), (verb("updated"), counts.updated),
      (verb("deleted"), counts.deleted), ("unchanged", counts.unchanged), ("dated", counts.dated),
      ("stale", counts.stale), ("skipped", counts.skipped), ("refused", counts.refused),
    ].filter { $0.1 > 0 }.map { "\($0.1.grouped) \($0.0)" }
    var circumstances = report.isDryRun ? " (dry run)" : ""
    switch report.ending {
    case .interrupted: circumstances += ", interrupted"
    case .cutShort: circumstances += ", incomplete"
    case .complete, .failed: if followUp.isInterrupted { circumstances += ", interrupted" }
    }
    let first = "\(verdict.rawValue)\(circumstances): "
    return [first + (["\(counts.listed.counted("user")) listed"] + numbers).joined(separator: ", ")]
      + followUp.lines
  }

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

  /// - Parameter seconds: since the command was started.
  func json(seconds: Double) -> String {
    let problem: String? =
      switch report.ending {
      case .failed(let reason), .cutShort(let reason): reason
      case .interrupted(let cause):
        Self.interrupted(while: cause)
      case .complete where isEmpty: Self.nobody
      case .complete where followUp.isInterrupted: Self.interrupted(while: followUp.waitedFor)
      case .complete: followUp.problem
      }
    let counts = report.counts
    return jsonLine(
      JSONForm(
        result: verdict.rawValue, exitCode: verdict.exitCode, dryRun: report.isDryRun,
        complete: report.ending == .complete && !followUp.isInterrupted,
        resumable: report.isResumable,
        problem: problem, pruneRefusal: report.pruneRefusal?.description, listed: counts.listed,
        inserted: counts.inserted, updated: counts.updated, deleted: counts.deleted,
        unchanged: counts.unchanged, dated: counts.dated, stale: counts.stale,
        skipped: counts.skipped, refused: counts.refused,
        seconds: (seconds * 1000).rounded() / 1000, writeBack: followUp.writeBack,
        roles: followUp.roles, repair: followUp.repair))
  }
}
