import CognitoTriggers
import JSON
import Postgres

/// A federated and a native user of `cognito.duplicates` who have the same verified address: perhaps one person.
public struct LinkPair: Sendable, Equatable {
  /// The federated user's row, its key, and all that it says of the user.
  public var federatedID: String
  public var federated: UserKey
  /// Nil where nothing has ever said it.
  public var federatedUserName: String?
  public var federatedAttributes: UserAttributes
  /// Whether the row is marked: then Cognito had no such user any more.
  public var isFederatedDeleted: Bool
  /// The native user's row, and its `sub`.
  public var nativeID: String
  public var nativeSub: Sub
}

/// The pairs that could be linked, by the table alone. Reads the whole table.
public struct LinkPairsCall: TableStatement {
  public let sql = """
    SELECT DISTINCT f.id, f.user_pool_id, f.sub, f.username, f.deleted_at IS NOT NULL,
      f.attributes || jsonb_strip_nulls(jsonb_build_object(
        'sub', f.sub, 'email', f.email, 'email_verified', f.email_verified, 'identities', f.identities)),
      n.id, n.sub
    FROM cognito.duplicates AS d
    CROSS JOIN LATERAL (VALUES (d.older_id, d.newer_id), (d.newer_id, d.older_id)) AS pair (federated_id, native_id)
    JOIN cognito.users AS f ON f.id = pair.federated_id
    JOIN cognito.users AS n ON n.id = pair.native_id
    WHERE d.reason = 'email' AND f.status = 'EXTERNAL_PROVIDER'
      AND n.status IS DISTINCT FROM 'EXTERNAL_PROVIDER' AND n.deleted_at IS NULL
      AND ($1::text IS NULL OR d.user_pool_id = $1::text)
      AND ($2::uuid[] IS NULL OR ARRAY[f.id, f.sub, n.id, n.sub] && $2::uuid[])
    ORDER BY f.user_pool_id, f.id, n.id
    """
  public let parameters: [String?]

  /// - Parameters:
  ///   - users: only pairs with one of them; nil for all.
  ///   - userPoolID: nil for every pool of the table.
  public init(of users: [UserReference]?, userPoolID: String?) {
    parameters = [userPoolID, users.map { uuidArray($0.map(\.description)) }]
  }

  public func answer(in result: QueryResult) throws(PostgresError) -> [LinkPair] {
    var pairs: [LinkPair] = []
    for row in 0..<result.rowCount {
      guard let federatedID = result.text(row: row, column: 0),
        let pool = result.text(row: row, column: 1),
        let sub = result.text(row: row, column: 2).flatMap({ Sub($0) }),
        let attributes = result.text(row: row, column: 5)
          .flatMap({ try? JSONValue(parsing: Array($0.utf8)) })?.object,
        let nativeID = result.text(row: row, column: 6),
        let nativeSub = result.text(row: row, column: 7).flatMap({ Sub($0) })
      else { throw .unexpectedAnswer("cognito.duplicates must answer pairs of users") }
      pairs.append(
        LinkPair(
          federatedID: federatedID, federated: UserKey(userPoolID: pool, sub: sub),
          federatedUserName: result.text(row: row, column: 3),
          federatedAttributes: UserAttributes(attributes),
          isFederatedDeleted: result.text(row: row, column: 4) == "t", nativeID: nativeID,
          nativeSub: nativeSub))
    }
    return pairs
  }
}
