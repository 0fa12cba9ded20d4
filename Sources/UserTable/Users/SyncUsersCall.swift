import CognitoTriggers
import JSON
import Postgres

/// A call of `cognito.sync_users`, the function that brings a batch into the table.
///
/// Running it twice is safe: the function then finds the users as they are.
public struct SyncUsersCall: TableStatement {
  /// What is brought in.
  public let batch: UserBatch
  public let sql = Self.statement
  public let parameters: [String?]

  /// - Parameters:
  ///   - batch: users of one pool.
  ///   - userPoolID: that pool's id.
  ///   - settle: for how long the listing may show what a user was like before; whole seconds.
  ///   - isDryRun: whether nothing is written.
  ///   - withValues: whether the answer says what the columns held before.
  public init(
    _ batch: UserBatch, ofPool userPoolID: String, settle: Duration, isDryRun: Bool,
    withValues: Bool
  ) {
    self.batch = batch
    parameters =
      [userPoolID, batch.subs] + batch.columns
      + [
        batch.observedAt.rfc3339, "\(settle.components.seconds)", isDryRun ? "true" : "false",
        withValues ? "true" : "false",
      ]
  }

  /// The function's arguments after the pool and the subs, up to the time of observation.
  static let columnTypes: [(argument: String, column: String, type: String)] = [
    ("usernames", "username", "text"), ("emails", "email", "text"),
    ("emails_verified", "email_verified", "boolean"), ("phone_numbers", "phone_number", "text"),
    ("phone_numbers_verified", "phone_number_verified", "boolean"),
    ("statuses", "status", "text"), ("enabled", "enabled", "boolean"),
    ("attributes", "attributes", "jsonb"),
    ("identities", "identities", "jsonb"), ("last_modified_at", "last_modified_at", "timestamptz"),
  ]

  /// Named arguments: a team that replaces the function may order its own as it likes.
  private static let statement: String = {
    let arrays = columnTypes.enumerated().map { index, column in
      "\(column.argument) => $\(index + 3)::\(column.type)[]"
    }
    let next = columnTypes.count + 3
    return """
      SELECT ordinal, outcome, changed, old_values FROM cognito.sync_users(\
      user_pool_id => $1::text, subs => $2::uuid[], \(arrays.joined(separator: ", ")), \
      observed_at => $\(next)::timestamptz, \
      settle => make_interval(secs => $\(next + 1)::double precision), \
      dry_run => $\(next + 2)::boolean, with_values => $\(next + 3)::boolean)
      """
  }()

  /// - Returns: the users whose rows were not as the listing has them.
  public func answer(in result: QueryResult) throws(PostgresError) -> [Difference] {
    var differences: [Difference] = []
    differences.reserveCapacity(result.rowCount)
    for row in 0..<result.rowCount {
      guard let ordinal = result.text(row: row, column: 0).flatMap({ Int($0) }),
        ordinal >= 1, ordinal <= batch.rows.count,
        let outcome = result.text(row: row, column: 1).flatMap(Difference.Outcome.init(rawValue:))
      else {
        throw .unexpectedAnswer(
          "cognito.sync_users must answer the position of a user and inserted, updated, dated, stale "
            + "or rival")
      }
      let columns = result.text(row: row, column: 2)?.split(separator: ",").map(String.init) ?? []
      let old = result.text(row: row, column: 3)
        .flatMap { try? JSONValue(parsing: Array($0.utf8)) }?.object
      let user = batch.rows[ordinal - 1]
      differences.append(
        Difference(
          position: ordinal - 1, sub: user.sub, outcome: outcome,
          mayHaveSignedIn: Self.signedInStatuses.contains(
            Self.newValue(of: "status", in: user) ?? ""),
          changes: columns.map { column in
            Difference.Change(
              column: column, old: old?[JSONKey(column)].flatMap(Self.text),
              new: old == nil ? nil : Self.newValue(of: column, in: user))
          }))
    }
    return differences
  }

  /// A federated user exists by having signed in; a confirmed one is past the first password. Who was only created or
  /// imported has another status until the first sign-in.
  ///
  /// Source: Amazon Cognito User Pools API Reference, `UserType`, `UserStatus`.
  private static let signedInStatuses: Set = ["CONFIRMED", "EXTERNAL_PROVIDER"]

  private static func newValue(of column: String, in row: UserBatch.Row) -> String? {
    columnTypes.firstIndex { $0.column == column }.flatMap { row.columns[$0] }
  }

  private static func text(_ value: JSONValue) -> String? {
    switch value {
    case .null: nil
    case .string(let string): string
    default: value.jsonText
    }
  }
}

/// A user whose row was not as the listing has it.
public struct Difference: Sendable, Equatable {
  /// What became of the row.
  public enum Outcome: String, Sendable {
    /// As `SyncOutcome` has them.
    case inserted, updated, stale
    /// Nothing differed but Cognito's time of the last change, which was noted.
    case dated
    /// Somebody else wrote the same user at the same moment, and nothing was written: worth another attempt.
    case rival
  }

  /// In its batch, from 0.
  public var position: Int
  /// Who it is.
  public var sub: Sub
  /// What became of the row.
  public var outcome: Outcome
  /// Whether the listed status is one that comes with a sign-in, or makes one possible without a further trigger.
  public var mayHaveSignedIn = false
  /// The columns that differ; none for a new user.
  public var changes: [Change]

  /// A column that differs.
  public struct Change: Sendable, Equatable {
    /// Its name.
    public var column: String
    /// What it held before, as text; nil for NULL, and where values were not asked for.
    public var old: String?
    /// What the listing has; nil as in `old`.
    public var new: String?
  }
}
