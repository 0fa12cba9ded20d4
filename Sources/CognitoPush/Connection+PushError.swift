import Clock
import Postgres

extension Connection {
  /// One statement of a push, with the error of one.
  @discardableResult
  func pushQuery(
    _ sql: String, _ parameters: [String?] = [], until deadline: Deadline
  ) throws(PushError) -> QueryResult {
    do {
      return try query(sql, parameters, until: deadline)
    } catch {
      throw .database(error)
    }
  }
}
