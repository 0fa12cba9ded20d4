import CognitoAPI
import JSON
import UserImport

/// What `pooltable import` came to: its words, its JSON and its exit code.
struct ImportOutcome {
  /// A file of users.
  struct File {
    let algorithm: ImportAlgorithm?
    let users: Int
    /// Nil where it has no name.
    let path: String?
  }

  /// What became of a file.
  struct Job {
    let algorithm: ImportAlgorithm?
    /// In the file.
    let users: Int
    /// As it was seen last; nil where there is none.
    private(set) var job: ImportJob?
    /// Why it did not come to an end.
    var problem: String?
    var failures: [Failure] = []
    /// Where the failures stand that are not told here, and why.
    var log: String?

    init(algorithm: ImportAlgorithm?, users: Int) {
      self.algorithm = algorithm
      self.users = users
    }

    mutating func take(_ job: ImportJob) { self.job = job }

    var status: ImportJob.Status? { job?.status }
    var imported: Int { job?.imported ?? 0 }
    var skipped: Int { job?.skipped ?? 0 }
    var failed: Int { job?.failed ?? 0 }
    /// Of the file's users; 0 to 1.
    var fraction: Double {
      users == 0 ? 1 : min(1, Double(imported + skipped + failed) / Double(users))
    }
    /// Whether Cognito gave it up: with users who were skipped, among others.
    var isGivenUp: Bool { status?.isFinal == true && status != .succeeded }
    /// Who is told one by one. Where a job succeeded, users who were there already are nothing to be mended.
    var untakenOutcomes: [ImportLogLine.Outcome] { isGivenUp ? [.failed, .skipped] : [.failed] }
    var untaken: Int { isGivenUp ? failed + skipped : failed }
    var isComplete: Bool { problem == nil && status == .succeeded && failed == 0 }
  }

  /// A user whom Cognito did not take.
  struct Failure {
    /// Of the source, from 1.
    let row: Int?
    let legacyID: String?
    /// In Cognito's words.
    let reason: String
  }

  /// After a run that came to no good end. Without the first half users who came by it would be skipped.
  fileprivate static let remedy = "run 'pooltable reconcile', then this again"

  let isDryRun: Bool
  /// Where files were written to stay.
  let folder: String?
  var counts = ImportCounts()
  var files: [File] = []
  var jobs: [Job] = []
  var isInterrupted = false
  /// Whether a job's end kept the others from being run.
  var hasStopped = false

  init(isDryRun: Bool, folder: String?) {
    self.isDryRun = isDryRun
    self.folder = folder
  }

  /// Whether nothing is left that was asked for; a dry run only has to have looked.
  var isComplete: Bool {
    if isInterrupted || hasStopped { return false }
    return isDryRun || (counts.unwritable == 0 && jobs.allSatisfy(\.isComplete))
  }

  // MARK: Text

  var lines: [String] { table + fileLines + [summary] }

  private var table: [String] {
    let rows =
      [["FORMAT", "USERS", "COMES BY", "WHY"]]
      + counts.rows.map { row in
        [row.verdict.format, row.users.grouped, row.verdict.way.text, row.verdict.why ?? "-"]
      }
    guard rows.count > 1 else { return [] }
    let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      [
        row[0].padded(to: widths[0]), row[1].paddedLeft(to: widths[1]),
        row[2].padded(to: widths[2]),
        row[3],
      ].joined(separator: "  ")
    } + [""]
  }

  private var fileLines: [String] {
    files.compactMap { file in
      file.path.map {
        "\($0): \(file.users.counted("user")), \(file.algorithm?.rawValue ?? "no hashes")"
      }
    }
  }

  private var summary: String {
    let inFiles =
      isDryRun
      ? "\(counts.inFiles.grouped) can be imported"
      : folder != nil
        ? "\(counts.inFiles.grouped) written"
        : "\(sum(\.imported).grouped) imported, \(sum(\.skipped).grouped) there already, "
          + "\(sum(\.failed).grouped) failed"
    return
      "\(counts.users.counted("user")): \(inFiles), \(counts.byTrigger.grouped) by the trigger, "
      + "\(counts.byReset.grouped) by a reset"
      + (counts.present > 0 ? ", \(counts.present.grouped) in the table" : "")
      + (counts.unwritable > 0 ? ", \(counts.unwritable.grouped) in no file" : "")
      + (isInterrupted ? "; interrupted" : "")
      + (hasStopped ? "; stopped: \(Self.remedy)" : "")
  }

  private func sum(_ count: (Job) -> Int) -> Int { jobs.reduce(0) { $0 + count($1) } }
}

extension ImportOutcome.Job {
  /// What somebody must be told beside the answer.
  var problems: [String] {
    var lines: [String] = []
    let name = job?.id ?? "the import of \(algorithm?.rawValue ?? "users without hashes")"
    if let problem { lines.append("Error: \(name): \(problem)") }
    for failure in failures {
      let user = failure.legacyID.map { "legacy_id \($0)" } ?? failure.row.map { "row \($0)" }
      lines.append("\(name): \(user ?? "a user"): \(failure.reason)")
    }
    if let log { lines.append("\(name): \(log)") }
    if let status, isGivenUp {
      let words = job?.message.map { ": \($0)" } ?? ""
      let remedy = skipped > 0 ? " (\(ImportOutcome.remedy))" : ""
      lines.append("Error: \(name): \(status.rawValue)\(words)\(remedy)")
    }
    return lines
  }
}

extension ImportWay {
  fileprivate var text: String {
    switch self {
    case .file(let algorithm?): "import, \(algorithm.rawValue)"
    case .file(nil): "import, with a reset"
    case .trigger: "the trigger"
    case .reset: "a reset"
    }
  }

  fileprivate var name: String {
    switch self {
    case .file: "import"
    case .trigger: "trigger"
    case .reset: "reset"
    }
  }

  fileprivate var algorithm: ImportAlgorithm? {
    if case .file(let algorithm) = self { algorithm } else { nil }
  }
}

// MARK: JSON

extension ImportOutcome: JSONWritable {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("complete", isComplete)
      json.member("dryRun", isDryRun)
      json.member("files", folder == nil ? nil : files)
      json.member("formats", counts.rows.map { FormatRow(verdict: $0.verdict, users: $0.users) })
      json.member("importable", counts.inFiles)
      json.member("jobs", isDryRun || folder != nil ? nil : jobs)
      json.member("present", counts.present)
      json.member("reset", counts.byReset)
      json.member("trigger", counts.byTrigger)
      json.member("unwritable", counts.unwritable)
      json.member("users", counts.users)
    }
  }
}

private struct FormatRow: JSONWritable {
  let verdict: HashVerdict
  let users: Int

  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("algorithm", verdict.way.algorithm?.rawValue)
      json.member("format", verdict.format)
      json.member("users", users)
      json.member("way", verdict.way.name)
      json.member("why", verdict.why)
    }
  }
}

extension ImportOutcome.File: JSONWritable {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("algorithm", algorithm?.rawValue)
      json.member("path", path)
      json.member("users", users)
    }
  }
}

extension ImportOutcome.Job: JSONWritable {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("algorithm", algorithm?.rawValue)
      json.member("failed", failed)
      json.member("failures", failures)
      json.member("id", job?.id)
      json.member("imported", imported)
      json.member("log", log)
      json.member("message", job?.message)
      json.member("problem", problem)
      json.member("skipped", skipped)
      json.member("status", status?.rawValue)
      json.member("users", users)
    }
  }
}

extension ImportOutcome.Failure: JSONWritable {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("legacyID", legacyID)
      json.member("reason", reason)
      json.member("row", row)
    }
  }
}
