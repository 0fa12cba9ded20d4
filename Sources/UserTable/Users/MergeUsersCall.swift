import Postgres

/// A call of `cognito.merge_users`: all that references one user references another then, or nothing is done.
public struct MergeUsersCall: TableStatement {
  public let sql = """
    SELECT problem, table_name, column_name, constraint_name, row_key, error_state, row_count
    FROM cognito.merge_users(
      old_id => $1::uuid, new_id => $2::uuid, dry_run => $3::boolean, across_pools => $4::boolean)
    """
  public let parameters: [String?]

  /// - Parameters:
  ///   - oldID: of the row that gives place.
  ///   - newID: of the row that takes it.
  ///   - isDryRun: whether all of it is taken back.
  ///   - acrossPools: whether the two may be of different pools, and OLD live then.
  public init(oldID: String, newID: String, isDryRun: Bool, acrossPools: Bool = false) {
    parameters = [oldID, newID, "\(isDryRun)", "\(acrossPools)"]
  }

  public func answer(in result: QueryResult) throws(PostgresError) -> MergeResult {
    var answer = MergeResult()
    for row in 0..<result.rowCount {
      if let problem = result.text(row: row, column: 0) {
        guard let kind = MergeProblem.Kind(rawValue: problem) else { throw Self.unexpectedAnswer }
        answer.problems.append(
          MergeProblem(
            kind: kind, table: result.text(row: row, column: 1),
            column: result.text(row: row, column: 2),
            constraint: result.text(row: row, column: 3), row: result.text(row: row, column: 4),
            state: result.text(row: row, column: 5).flatMap { SQLState($0) }))
      } else {
        guard let table = result.text(row: row, column: 1),
          let column = result.text(row: row, column: 2),
          let count = result.text(row: row, column: 6).flatMap({ Int($0) })
        else { throw Self.unexpectedAnswer }
        if count > 0 {
          answer.moved.append(MovedReference(table: table, column: column, rows: count))
        }
      }
    }
    return answer
  }

  private static let unexpectedAnswer = PostgresError.unexpectedAnswer(
    "cognito.merge_users must answer what was moved, or problems that are known")
}

/// What a merge came to: where there are problems, nothing was done.
public struct MergeResult: Sendable, Equatable {
  public var moved: [MovedReference] = []
  public var problems: [MergeProblem] = []

  public init() {}
}

/// Rows of one table that name another user now.
public struct MovedReference: Sendable, Equatable {
  /// With its schema, as in SQL.
  public var table: String
  public var column: String
  public var rows: Int
}

/// Why a merge was not made.
public struct MergeProblem: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    case oldUnknown = "old_unknown"
    case newUnknown = "new_unknown"
    case sameUser = "same_user"
    case otherPool = "other_pool"
    case oldNotDeleted = "old_not_deleted"
    case oldMerged = "old_merged"
    case newDeleted = "new_deleted"
    case newDisabled = "new_disabled"
    /// A foreign key has other columns of the users than `id`.
    case composite
    /// The other user has a row already that this one would be again.
    case conflict
    /// The login may not change the table, or not see all of it.
    case notAllowed = "not_allowed"
    /// By another constraint, or by a trigger.
    case refused
  }

  public var kind: Kind
  /// With its schema, as in SQL; this and what follows is nil where the users themselves are the problem.
  public var table: String?
  public var column: String?
  public var constraint: String?
  /// The row's primary key as a JSON object, or its place where it has none; nil where it is not one row.
  public var row: String?
  public var state: SQLState?

  public init(
    kind: Kind, table: String? = nil, column: String? = nil, constraint: String? = nil,
    row: String? = nil, state: SQLState? = nil
  ) {
    self.kind = kind
    self.table = table
    self.column = column
    self.constraint = constraint
    self.row = row
    self.state = state
  }
}
