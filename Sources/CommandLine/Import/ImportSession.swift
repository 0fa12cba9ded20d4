import Clock
import CognitoAPI
import Postgres
import UserImport
import UserTable

/// One run of `pooltable import`: from rows to files, and from files to jobs.
struct ImportSession {
  private static let patience = Duration.seconds(60)

  let pool: UserPoolID
  let cognito: CognitoClient
  let legacyAttribute: String
  /// Where the files stay; nil where they have no name.
  let folder: String?
  let isDryRun: Bool
  let includesResets: Bool
  let isPeppered: Bool

  /// A file, and which row of the source each of its lines is.
  struct Written {
    let algorithm: ImportAlgorithm?
    let file: HashFile
    var rows: [UInt32]
  }

  private var written: [Written] = []
  private var plan: ImportPlan?
  /// The pool's, as people call it; nil where it is not known.
  private var poolName: String?

  init(
    pool: UserPoolID, cognito: CognitoClient, legacyAttribute: String, folder: String?,
    isDryRun: Bool, includesResets: Bool, isPeppered: Bool
  ) {
    self.pool = pool
    self.cognito = cognito
    self.legacyAttribute = legacyAttribute
    self.folder = folder
    self.isDryRun = isDryRun
    self.includesResets = includesResets
    self.isPeppered = isPeppered
  }

  // MARK: Files

  /// Reads all users, and writes those who fit into files.
  ///
  /// - Parameter table: where those are who are there already; nil where that is not known.
  mutating func read(
    _ rows: any ImportSource, present table: Connection?, _ output: inout ImportOutput,
    _ outcome: inout ImportOutcome
  ) throws {
    var rows = rows
    let description = try cognito.description(of: pool, until: .after(Self.patience))
    guard !description.verified.isEmpty else {
      throw CommandFailure(
        "the user pool verifies neither e-mail addresses nor phone numbers, and Cognito starts no import into such a "
          + "one: let it verify one of them (AutoVerifiedAttributes)")
    }
    poolName = description.name
    let header = try cognito.csvHeader(of: pool, until: .after(Self.patience))
    let columns: ImportColumns
    do throws(ImportColumnsError) {
      columns = try ImportColumns(
        rows.columns, header: header, legacyAttribute: legacyAttribute)
    } catch {
      throw CommandFailure(error.description)
    }
    let plan = ImportPlan(
      columns: columns, verified: description.verified, includesResets: includesResets,
      isPeppered: isPeppered)
    self.plan = plan
    var files = ImportFiles()
    var number = 0
    do {
      while case let batch = try rows.next(), !batch.isEmpty {
        guard !Interruption.isRequested else {
          outcome.isInterrupted = true
          break
        }
        let present = try present(batch, plan.columns, in: table)
        for values in batch {
          number += 1
          try take(values, number, present, plan, &files, &output, &outcome)
        }
        output.show(read: number, fraction: rows.fraction)
      }
      for file in written { try file.file.flush() }
    } catch {
      removeFiles()
      throw error
    }
    if outcome.isInterrupted { removeFiles() }
    outcome.files = zip(files.files, written).map { file, written in
      ImportOutcome.File(algorithm: file.algorithm, users: file.rows, path: written.file.path)
    }
    if isDryRun { outcome.files = [] }
  }

  private mutating func take(
    _ values: [String?]?, _ number: Int, _ present: Set<ImportKey>, _ plan: ImportPlan,
    _ files: inout ImportFiles, _ output: inout ImportOutput, _ outcome: inout ImportOutcome
  ) throws(CommandFailure) {
    let decision: ImportPlan.Decision
    do throws(UnwritableValue) {
      guard let values else { throw UnwritableValue("the row", .noText) }
      guard present.isDisjoint(with: plan.columns.keys(of: values)) else {
        outcome.counts.present += 1
        return
      }
      decision = try plan.decide(values)
    } catch {
      outcome.counts.unwritable += 1
      output.unwritable(
        error, row: number, legacyID: values.flatMap { plan.columns.legacyID(of: $0) })
      return
    }
    outcome.counts.count(decision.verdict)
    guard !isDryRun, let line = decision.line, case .file(let algorithm) = decision.verdict.way
    else { return }
    let header = plan.columns.headerLine(hasHashes: algorithm != nil)
    let place = files.place(
      algorithm, length: line.utf8.count + 1, headerLength: header.utf8.count + 1)
    if place == written.count {
      let count = written.count { $0.algorithm == algorithm } + 1
      let file = try HashFile(
        in: folder, named: "\(pool.text)-\(algorithm?.rawValue ?? "RESET")-\(count).csv")
      // First of all, so that it is taken away again where something fails.
      written.append(Written(algorithm: algorithm, file: file, rows: []))
      try file.append(header)
    }
    try written[place].file.append(line)
    written[place].rows.append(UInt32(clamping: number))
  }

  /// Who of a batch is there, or has been.
  private func present(
    _ batch: [[String?]?], _ columns: ImportColumns, in table: Connection?
  ) throws(PostgresError) -> Set<ImportKey> {
    guard let table else { return [] }
    let users = batch.compactMap { $0 }
    var present: Set<ImportKey> = []
    let ids = users.compactMap { columns.legacyID(of: $0) }
    if !ids.isEmpty {
      let call = PresentUsersCall(ids, ofAttribute: legacyAttribute, userPoolID: pool.text)
      for id in try table.run(call, until: .forWholeTable) { present.insert(.legacyID(id)) }
    }
    let names = users.filter { present.isDisjoint(with: columns.keys(of: $0)) }
      .map { columns.username(of: $0) }
    if !names.isEmpty {
      let call = PresentUsersCall(names: names, userPoolID: pool.text)
      for name in try table.run(call, until: .forWholeTable) { present.insert(.username(name)) }
    }
    return present
  }

  private func removeFiles() {
    for file in written { file.file.remove() }
  }

  // MARK: Jobs

  /// Runs a job for each file, one after the other: an account has one at a time.
  mutating func runJobs(
    role: String, _ output: inout ImportOutput, _ outcome: inout ImportOutcome
  ) throws {
    guard let plan else { return }
    let runner = try ImportJobRunner(
      pool: pool, named: poolName, cognito: cognito, role: role)
    for (index, written) in written.enumerated() {
      guard !Interruption.isRequested else {
        outcome.isInterrupted = true
        return
      }
      var result = ImportOutcome.Job(algorithm: written.algorithm, users: written.rows.count)
      let end = runner.run(
        try written.file.contents(), number: index + 1, &result, progress: { output.show($0) })
      if let job = result.job, result.untaken > 0 {
        let lines = runner.lines(of: job, result.untakenOutcomes, count: result.untaken)
        result.log = lines.problem
        if !lines.lines.isEmpty {
          let content = try written.file.contents().split(separator: UInt8(ascii: "\n"))
          result.failures = lines.lines.map { failure($0, of: written, content, plan.columns) }
        }
      }
      outcome.jobs.append(result)
      output.tell(result)
      if end == .stop {
        outcome.isInterrupted = outcome.isInterrupted || Interruption.isRequested
        outcome.hasStopped = !outcome.isInterrupted && index + 1 < self.written.count
        return
      }
    }
  }

  private func failure(
    _ line: ImportLogLine, of written: Written, _ content: [ArraySlice<UInt8>],
    _ columns: ImportColumns
  ) -> ImportOutcome.Failure {
    // Line 1 is the header, and no line is empty.
    let (row, place) = (line.line - 2, line.line - 1)
    let text =
      content.indices.contains(place) ? String(decoding: content[place], as: UTF8.self) : nil
    return ImportOutcome.Failure(
      row: written.rows.indices.contains(row) ? Int(written.rows[row]) : nil,
      legacyID: text.flatMap {
        columns.legacyID(
          ofLine: $0, hasHashes: written.algorithm != nil, legacyAttribute: legacyAttribute)
      }, reason: line.reason)
  }
}
