import CognitoTriggers
import Postgres

/// How somebody who works on the table names a user: by the `id` of the row or by the `sub`. Both are UUIDs; which of
/// them it is, the table knows.
public struct UserReference: Sendable, Hashable {
  private let uuid: Sub

  /// - Parameter text: a UUID in its canonical form, in any case; nil for any other text.
  public init?(_ text: String) {
    guard let uuid = Sub(text) else { return nil }
    self.uuid = uuid
  }
}

extension UserReference: CustomStringConvertible {
  public var description: String { uuid.description }
}

/// The rows that are meant. Reads the whole table where a `sub` is not of a known pool.
public struct UserLookup: TableStatement {
  public let sql = """
    SELECT id, sub FROM cognito.users
    WHERE (id = ANY ($1::uuid[]) OR sub = ANY ($1::uuid[]))
      AND ($2::text IS NULL OR user_pool_id = $2::text)
    """
  public let parameters: [String?]
  private let references: [UserReference]

  /// - Parameter userPoolID: nil for every pool of the table.
  public init(_ references: [UserReference], userPoolID: String?) {
    self.references = references
    parameters = [uuidArray(references.map(\.description)), userPoolID]
  }

  /// - Returns: in the order of the references.
  public func answer(in result: QueryResult) throws(PostgresError) -> [FoundUser] {
    var ids: [UserReference: Set<String>] = [:]
    for row in 0..<result.rowCount {
      guard let id = result.text(row: row, column: 0) else { continue }
      for name in [id, result.text(row: row, column: 1)].compactMap(\.self).compactMap(
        UserReference.init)
      {
        ids[name, default: []].insert(id)
      }
    }
    return references.map { reference in
      let found = ids[reference] ?? []
      guard let id = found.first else { return .unknown }
      return found.count == 1 ? .row(id: id) : .ambiguous
    }
  }
}

/// Whom a reference means.
public enum FoundUser: Sendable, Equatable {
  case row(id: String)
  case unknown
  /// The same `sub` in several pools.
  case ambiguous
}

/// In PostgreSQL's text format for arrays, which needs no quotes for UUIDs.
func uuidArray(_ uuids: [String]) -> String { "{\(uuids.joined(separator: ","))}" }
