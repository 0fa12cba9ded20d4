import CognitoPush
import JSON
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

  private static let nobody = "the listing holds no user: is it of this pool?"

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
    var circumstances = report.isDryRun ? " (dry run)" : ""
    switch report.ending {
    case .interrupted: circumstances += ", interrupted"
    case .cutShort: circumstances += ", incomplete"
    case .complete, .failed: if followUp.isInterrupted { circumstances += ", interrupted" }
    }
    let first = "\(verdict.rawValue)\(circumstances): "
    return [first + counts.inWords(verb)] + followUp.lines
  }

  /// - Parameter seconds: since the command was started.
  func json(seconds: Double) -> String {
    var json = JSONWriter()
    json.object { json in
      json.member("complete", report.ending == .complete && !followUp.isInterrupted)
      json.member("dated", report.counts.dated)
      json.member("deleted", report.counts.deleted)
      json.member("dryRun", report.isDryRun)
      json.member("exitCode", Int(verdict.exitCode))
      json.member("inserted", report.counts.inserted)
      json.member("kept", report.counts.kept)
      json.member("listed", report.counts.listed)
      json.member("problem", problem)
      json.member("pruneRefusal", report.pruneRefusal?.description)
      json.member("refused", report.counts.refused)
      json.member("repair", followUp.repair)
      json.member("result", verdict.rawValue)
      json.member("resumable", report.isResumable)
      json.member("roles", followUp.roles)
      if followUp.isSecondary { json.member("secondary", true) }
      json.member("seconds", JSONNumber(toThousandth: seconds))
      json.member("skipped", report.counts.skipped)
      json.member("stale", report.counts.stale)
      json.member("unchanged", report.counts.unchanged)
      json.member("updated", report.counts.updated)
      json.member("writeBack", followUp.writeBack)
    }
    return String(decoding: json.finished(), as: UTF8.self)
  }

  /// Why the run did not do all that it was asked for.
  private var problem: String? {
    switch report.ending {
    case .failed(let reason), .cutShort(let reason): reason
    case .interrupted(let cause): Self.interrupted(while: cause)
    case .complete where isEmpty: Self.nobody
    case .complete where followUp.isInterrupted: Self.interrupted(while: followUp.waitedFor)
    case .complete: followUp.problem
    }
  }
}

extension Counts {
  /// What is not zero, as `12,345 users listed, 4 updated`.
  ///
  /// - Parameter verb: what is said for what a run has changed.
  func inWords(_ verb: (String) -> String = { $0 }) -> String {
    let numbers = [
      (verb("inserted"), inserted), (verb("updated"), updated), (verb("deleted"), deleted),
      ("kept", kept), ("unchanged", unchanged), ("dated", dated), ("stale", stale),
      ("skipped", skipped), ("refused", refused),
    ].filter { $0.1 > 0 }.map { "\($0.1.grouped) \($0.0)" }
    return (["\(listed.counted("user")) listed"] + numbers).joined(separator: ", ")
  }
}

extension AttributePusher.Summary: JSONWritable {
  public func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("lacking", lacking)
      json.member("refused", refused)
      json.member("set", set)
      json.member("unknown", unknown)
    }
  }
}

extension RoleComparison.Summary: JSONWritable {
  public func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("differing", differing)
      json.member("missing", missing)
      json.member("surplus", surplus)
      json.member("unknown", unknown)
      json.member("users", users)
    }
  }
}
