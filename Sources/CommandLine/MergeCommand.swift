import ArgumentParser
import JSON
import Postgres
import UserTable

struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Lets one user take the place of another, whom Cognito no longer has.",
    discussion: """
      For a person who had two subs: for example, a federated user who was deleted and linked to \
      a native one. The view cognito.duplicates shows who may be one person.

      In one transaction every foreign key that references cognito.users (id), in any schema, is \
      moved from OLD to NEW; NEW also gets OLD's roles and sign-ins; and OLD is marked \
      (merged_into). OLD's row stays, and no later event or listing changes it. OLD must be \
      marked as deleted, NEW must be live, and both must be of one pool. It may be run again, \
      for what has come to reference OLD since.

      Nothing at all is done where something is in the way, and each obstacle is named: a row \
      that NEW has already (by a unique or an exclusion constraint), a foreign key with more \
      columns than the id, a table that this login may not update, a constraint or trigger that \
      refuses. With --dry-run all of it is done, and rolled back: it waits for locks, and others \
      for it, as a real run.

      Connect with the login that owns the schema, and that may update the tables that reference \
      it.

      Exits with 1 when nothing was merged.

      Example:

        pooltable merge --dry-run 0b9c1f6e-3a52-4c0e-8f0b-5d1c2a7e9b14 \\
          7f3d2c1b-6e5a-4d8c-9b0a-1f2e3d4c5b6a
      """)

  @OptionGroup var database: DatabaseOptions

  @Argument(help: ArgumentHelp("Who gives place: the id of the row, or the sub."))
  var old: UserReference

  @Argument(help: ArgumentHelp("Who takes it: the id of the row, or the sub."))
  var new: UserReference

  @OptionGroup var pool: PoolOption

  @Flag(help: "Only show what would be moved, or what is in the way.")
  var dryRun = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if old == new { throw ValidationError("OLD and NEW must be two users.") }
  }

  func run() throws {
    let outcome = try CommandFailure.withRemedies(\.remedyForOwner) {
      try merge(on: try database.connect())
    }
    for problem in outcome.result.problems {
      StandardError.print("refused: " + problem.text(old: "\(old)", new: "\(new)"))
    }
    if json {
      print(outcome.jsonText)
    } else {
      for line in outcome.lines { StandardOutput.print(line) }
    }
    if !outcome.isMerged { throw ExitCode(1) }
  }

  private func merge(on connection: Connection) throws -> Outcome {
    var outcome = Outcome(old: "\(old)", new: "\(new)", isDryRun: dryRun)
    let found = try connection.run(
      UserLookup([old, new], userPoolID: pool.userPoolID), until: .forWholeTable)
    if found.contains(.ambiguous) {
      throw CommandFailure(
        "a sub is in several user pools: name one with --user-pool-id, or give the ids of the rows")
    }
    switch (found.first, found.last) {
    case (.row(let oldID), .row(let newID)):
      (outcome.old, outcome.new) = (oldID, newID)
      outcome.result = try connection.run(
        MergeUsersCall(oldID: oldID, newID: newID, isDryRun: dryRun), until: .forWholeTable)
    case (.row, _): outcome.result.problems = [MergeProblem(kind: .newUnknown)]
    default: outcome.result.problems = [MergeProblem(kind: .oldUnknown)]
    }
    return outcome
  }
}

extension MergeCommand {
  fileprivate struct Outcome {
    /// The rows' ids, as far as they are known.
    var old, new: String
    var isDryRun: Bool
    var result = MergeResult()

    var isMerged: Bool { result.problems.isEmpty }

    var lines: [String] {
      guard isMerged else { return ["nothing was changed"] }
      let count = result.moved.reduce(0) { $0 + $1.rows }
      let first =
        isDryRun
        ? "\(old) would be merged into \(new): \(count.counted("row")) would be moved"
        : "\(old) merged into \(new): \(count.counted("row")) moved"
      return [first] + result.moved.map { "  \($0.table) (\($0.column)): \($0.rows.grouped)" }
    }
  }
}

extension MergeProblem {
  /// What is in the way, and what can be done about it.
  ///
  /// - Parameters:
  ///   - old: as the user was named who gives place.
  ///   - new: as the user was named who takes it.
  func text(old: String, new: String) -> String {
    let place =
      (table ?? "a table") + (column.map { " (\($0))" } ?? "") + (row.map { ", row \($0)" } ?? "")
    let cause = [constraint.map { "constraint \($0)" }, state.map { "SQLSTATE \($0)" }]
      .compactMap(\.self).joined(separator: ", ")
    return switch kind {
    case .oldUnknown: "no row has the id or sub \(old)"
    case .newUnknown: "no row has the id or sub \(new)"
    case .sameUser: "\(old) and \(new) are one row"
    case .otherPool: "\(old) and \(new) are of different user pools"
    case .oldNotDeleted:
      "\(old) is not marked as deleted; 'pooltable reconcile --prune' marks whom Cognito does not have any "
        + "more"
    case .oldMerged: "\(old) was merged into another user before"
    case .newDeleted: "\(new) is marked as deleted, and takes nobody's place"
    case .newDisabled:
      "\(new) is disabled, and takes nobody's place; enable the user in Cognito first"
    case .composite:
      "\(place): foreign key \(constraint ?? "") references other columns than the id alone; drop it, or "
        + "move its rows and the users' yourself"
    case .conflict:
      "\(place): \(new) has such a row already (\(cause)); remove one of the two, and run it again"
    case .notAllowed:
      "\(place): this login may not update it, or does not see all of its rows; connect with one that does"
    case .refused: "\(place): the database refuses the change (\(cause))"
    }
  }
}

extension MergeCommand.Outcome: JSONWritable {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("dryRun", isDryRun)
      json.member("merged", isMerged && !isDryRun)
      json.member("moved", result.moved)
      json.member("new", new)
      json.member("old", old)
      json.member("problems", result.problems)
    }
  }
}

extension MovedReference: JSONWritable {
  public func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("column", column)
      json.member("rows", rows)
      json.member("table", table)
    }
  }
}

extension MergeProblem: JSONWritable {
  public func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("column", column)
      json.member("constraint", constraint)
      json.member("problem", kind.rawValue)
      if let row {
        json.key("row")
        json.raw(row)
      }
      json.member("state", state?.code)
      json.member("table", table)
    }
  }
}
