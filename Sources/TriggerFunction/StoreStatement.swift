import Postgres

/// One statement for `UserStore`, and how its answer is read.
///
/// It may be run twice: after a broken connection nobody knows whether the first took effect.
protocol StoreStatement {
  associatedtype Answer: Sendable

  /// With `$1`… for the parameters.
  var sql: String { get }
  /// In PostgreSQL's text format; nil is NULL.
  var parameters: [String?] { get }

  /// - Throws: `unexpectedAnswer` where a team's own function answers otherwise than documented.
  func answer(in result: QueryResult) throws(PostgresError) -> Answer
}
