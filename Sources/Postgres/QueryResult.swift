import CLibPQ

/// The rows that a statement answered with.
public final class QueryResult {
  private let result: OpaquePointer

  init(_ result: OpaquePointer) {
    self.result = result
  }

  deinit { PQclear(result) }

  /// How many rows there are; 0 for a statement that returns none.
  public var rowCount: Int { Int(PQntuples(result)) }

  /// The names of the columns, in their order.
  public var columnNames: [String] {
    (0..<PQnfields(result)).map { column in
      PQfname(result, column).map { String(cString: $0) } ?? ""
    }
  }

  /// A value in PostgreSQL's text format; nil for NULL, and for a row or column that is not there.
  public func text(row: Int, column: Int) -> String? {
    guard (0..<rowCount).contains(row), (0..<Int(PQnfields(result))).contains(column) else {
      return nil
    }
    let (row, column) = (Int32(row), Int32(column))
    guard PQgetisnull(result, row, column) == 0, let value = PQgetvalue(result, row, column) else {
      return nil
    }
    return String(cString: value)
  }

  /// Every row, each with all its values.
  public var rows: [[String?]] {
    (0..<rowCount).map { row in
      (0..<Int(PQnfields(result))).map { column in text(row: row, column: column) }
    }
  }

  /// The error that this result stands for, if it stands for one.
  var error: PostgresError? {
    switch PQresultStatus(result) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY:
      return nil
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
      return .unexpectedAnswer("COPY")
    default:
      // Without an SQLSTATE the error is libpq's own: the connection broke.
      guard let state = field(clibpq_diag_sqlstate).flatMap({ SQLState($0) }) else {
        return .connectionLost
      }
      return .statementFailed(
        ServerError(
          state: state,
          table: field(clibpq_diag_table),
          column: field(clibpq_diag_column),
          constraint: field(clibpq_diag_constraint),
          endsConnection: isFatal))
    }
  }

  /// Whether the server sends a COPY, or waits for one: neither ever ends by itself, and `PQgetResult`
  /// answers the same again and again.
  var isCopy: Bool {
    switch PQresultStatus(result) {
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: true
    default: false
    }
  }

  /// Poolers send the severity that is translated by servers only, and in English.
  private var isFatal: Bool {
    let severity = field(clibpq_diag_severity_nonlocalized) ?? field(clibpq_diag_severity)
    return severity == "FATAL" || severity == "PANIC"
  }

  private func field(_ code: Int32) -> String? {
    PQresultErrorField(result, code).map { String(cString: $0) }
  }
}
