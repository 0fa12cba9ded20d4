import JSON
import UserTable

/// What became of two users, one of whom was to take the other's place.
struct MergeOutcome {
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
    case .oldUnknown: "no row of cognito.users has the id or sub \(old)"
    case .newUnknown: "no row of cognito.users has the id or sub \(new)"
    case .sameUser: "\(old) and \(new) are one row; name two users"
    case .otherPool:
      "\(old) and \(new) are of different user pools; where a pool has moved, use --by"
    case .oldNotDeleted:
      "\(old) is not marked as deleted; 'pooltable reconcile --prune' marks whom Cognito does not have any "
        + "more"
    case .oldMerged:
      "\(old) was merged into another user before; merged_into of its row says into whom"
    case .newDeleted:
      "\(new) is marked as deleted, and takes nobody's place; name the row of a live user"
    case .newDisabled:
      "\(new) is disabled, and takes nobody's place; enable the user in Cognito first"
    case .composite:
      "\(place): foreign key \(constraint ?? "") references other columns than the id alone; drop it, or "
        + "move its rows and the users' yourself"
    case .conflict:
      "\(place): \(new) has such a row already (\(cause)); remove one of the two, and run it again"
    case .notAllowed:
      "\(place): this login may not update it, or does not see all of its rows; connect with one that does"
    case .refused:
      "\(place): the database refuses the change (\(cause)); change the row or the rule, and run it again"
    }
  }
}

extension MergeOutcome: JSONWritable {
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
