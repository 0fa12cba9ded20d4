import Clock
import Postgres

/// A call of `cognito.mark_deleted`, for a user whom Cognito, asked directly, did not have any more.
public struct MarkDeletedCall: TableStatement {
  public let sql = "SELECT cognito.mark_deleted($1::text, $2::uuid, $3::timestamptz)"
  public let parameters: [String?]

  /// - Parameter observedAt: when Cognito was asked.
  public init(_ user: UserKey, observedAt: Timestamp) {
    parameters = [user.userPoolID, user.sub.description, observedAt.rfc3339]
  }

  public func answer(in result: QueryResult) throws(PostgresError) -> DeletionOutcome {
    guard let outcome = result.text(row: 0, column: 0).flatMap(DeletionOutcome.init(rawValue:))
    else {
      throw .unexpectedAnswer(
        "the answer of cognito.mark_deleted must be deleted, unchanged or stale")
    }
    return outcome
  }
}

/// What became of the row of a user who is gone.
public enum DeletionOutcome: String, Sendable, CaseIterable {
  /// It is marked as deleted.
  case deleted
  /// It was marked already, or there is none.
  case unchanged
  /// It holds a newer observation, and was left alone.
  case stale
}
