import Clock
import Postgres

// A user as a row: everything that knows a column or a function of the schema `cognito`.
//
// What is here makes statements and reads their answers. It opens no connection and decides no second attempt: who
// runs a statement does. Nothing else in the program writes SQL for what the schema holds, but for the migrations.

/// One statement, and how its answer is read.
///
/// Most may be run twice: after a broken connection nobody knows whether the first took effect.
public protocol TableStatement {
  associatedtype Answer: Sendable

  /// With `$1`… for the parameters.
  var sql: String { get }
  /// In PostgreSQL's text format; nil is NULL.
  var parameters: [String?] { get }
  /// Whether it may be run a second time where nobody knows whether the first took effect.
  var mayBeRepeated: Bool { get }
  /// Whether half of the time is enough for it wherever all is well, so that the other half is kept for a second run.
  ///
  /// What does a team's own work takes as long as it takes, and a second run would be no faster.
  var isShort: Bool { get }

  /// - Parameter result: of `sql` with `parameters`.
  /// - Throws: `unexpectedAnswer`, and nothing else, where the result is not the statement's: a team's own function
  ///   answers otherwise than documented.
  func answer(in result: QueryResult) throws(PostgresError) -> Answer
}

extension TableStatement {
  /// None.
  public var parameters: [String?] { [] }
  /// It may.
  public var mayBeRepeated: Bool { true }
  /// It is.
  public var isShort: Bool { true }
}

extension TableStatement where Answer == Void {
  /// Nothing is read: that there is an answer says it all.
  public func answer(in result: QueryResult) throws(PostgresError) {}
}

extension Connection {
  /// Runs a statement once, and reads its answer.
  ///
  /// - Parameter deadline: for the whole round trip.
  /// - Throws: what `query` throws, and `unexpectedAnswer` where the answer is not the statement's.
  public func run<Statement: TableStatement>(
    _ statement: Statement, until deadline: Deadline
  ) throws(PostgresError) -> Statement.Answer {
    try statement.answer(in: query(statement.sql, statement.parameters, until: deadline))
  }
}

/// Where paging by an id begins: no UUID comes before it.
let firstUUID = "00000000-0000-0000-0000-000000000000"

/// SQL for a time as a number: what a time looks like as text, and which time a text means, is the session's to say.
///
/// - Parameter time: an expression of type `timestamptz`; `QueryResult.time` reads it.
func microseconds(_ time: String) -> String {
  "(extract(epoch FROM \(time)) * 1000000)::bigint"
}

extension QueryResult {
  /// A time that was asked for by `microseconds`; nil for NULL.
  func time(row: Int = 0, column: Int) -> Timestamp? {
    text(row: row, column: column).flatMap { Int64($0) }
      .map(Timestamp.init(microsecondsSinceEpoch:))
  }

  /// A number that is never NULL, as a count.
  ///
  /// - Throws: `unexpectedAnswer` where there is none: 0 would pass for an answer.
  func number(row: Int = 0, column: Int = 0) throws(PostgresError) -> Int {
    guard let number = text(row: row, column: column).flatMap({ Int($0) }) else {
      throw .unexpectedAnswer(
        "no number in column \(column + 1): a function of the schema cognito answers otherwise than documented"
      )
    }
    return number
  }

  /// A text that is never NULL.
  ///
  /// - Throws: `unexpectedAnswer` where there is none.
  func requiredText(row: Int = 0, column: Int = 0) throws(PostgresError) -> String {
    guard let text = text(row: row, column: column) else {
      throw .unexpectedAnswer(
        "no value in column \(column + 1): a function of the schema cognito answers otherwise than documented"
      )
    }
    return text
  }

  /// Reads every row.
  func map<Value>(
    _ read: (_ row: Int) throws(PostgresError) -> Value
  ) throws(PostgresError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(rowCount)
    for row in 0..<rowCount { values.append(try read(row)) }
    return values
  }
}
