import JSON
import UserImport

/// What `pooltable import` shows: progress and problems on standard error, the outcome on standard output.
struct ImportOutput {
  /// So many users whom no file can hold are told one by one.
  private static let unwritableLimit = 100

  private let isJSON: Bool
  private var progress: ProgressDisplay
  private var isRunningJobs = false
  private var unwritable = 0

  init(isJSON: Bool) {
    self.isJSON = isJSON
    progress = ProgressDisplay("user", "read", isSilent: isJSON)
  }

  mutating func show(read: Int, fraction: Double?) {
    progress.show(read, fraction: fraction)
  }

  /// A job that is under way.
  mutating func show(_ job: ImportOutcome.Job) {
    if !isRunningJobs {
      progress.clear()
      isRunningJobs = true
    }
    if job.imported + job.skipped + job.failed == 0 {
      progress.clear()
      progress = ProgressDisplay("user", "imported", isSilent: isJSON)
    }
    progress.show(job.imported, fraction: job.fraction)
  }

  /// A job that has ended, or is not followed any more.
  mutating func tell(_ job: ImportOutcome.Job) {
    progress.clear()
    for problem in job.problems { StandardError.print(problem) }
  }

  /// - Parameter row: of the source, from 1.
  mutating func unwritable(_ value: UnwritableValue, row: Int, legacyID: String?) {
    unwritable += 1
    guard unwritable <= Self.unwritableLimit else { return }
    progress.clear()
    StandardError.print(
      "in no file: row \(row)\(legacyID.map { ", legacy_id \($0)" } ?? ""): \(value)")
  }

  mutating func end(_ outcome: ImportOutcome) {
    progress.clear()
    if unwritable > Self.unwritableLimit {
      StandardError.print("in no file: \((unwritable - Self.unwritableLimit).counted("row")) more")
    }
    if isJSON {
      print(outcome.jsonText)
    } else {
      for line in outcome.lines { StandardOutput.print(line) }
    }
  }
}
