import Postgres

// A user as a row: everything that knows a column or a function of the schema `cognito`.
//
// What is here makes statements and reads their answers. It opens no connection, decides no second attempt, and
// calls nobody: who runs a statement does. Nothing else in the program writes SQL for users, roles of a token, or
// listings.

/// One statement, and how its answer is read.
///
/// It may be run twice: after a broken connection nobody knows whether the first took effect.
public protocol TableStatement {
  associatedtype Answer: Sendable

  /// With `$1`… for the parameters.
  var sql: String { get }
  /// In PostgreSQL's text format; nil is NULL.
  var parameters: [String?] { get }

  /// - Throws: `unexpectedAnswer` where a team's own function answers otherwise than documented.
  func answer(in result: QueryResult) throws(PostgresError) -> Answer
}
