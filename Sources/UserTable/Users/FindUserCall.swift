import CognitoTriggers
import JSON
import Postgres

/// A user whom the table knows.
public struct KnownUser: Sendable, Equatable {
  public var key: UserKey
  /// Nil where nothing has ever said it.
  public var userName: String?
  /// Those that only trigger events have: no answer of Cognito's API may take them away.
  public var eventAttributes: [JSONKey: JSONValue]
}

/// A call of `cognito.find_user`: whom a change at Cognito concerns, as far as the table knows.
public struct FindUserCall: TableStatement {
  public let sql = """
    SELECT user_pool_id, user_sub, user_name, event_attributes \
    FROM cognito.find_user(ARRAY(SELECT json_array_elements_text($1::json)), $2::uuid, $3::text)
    """
  public let parameters: [String?]

  /// The user of this `sub`, in whichever of the pools.
  public init(_ sub: Sub, inPools userPoolIDs: [String]) {
    parameters = [userPoolIDs.jsonText, sub.description, nil]
  }

  /// The users of this name who are not deleted: reads all of the pool's rows.
  public init(userName: String, inPool userPoolID: String) {
    parameters = [[userPoolID].jsonText, nil, userName]
  }

  public func answer(in result: QueryResult) throws(PostgresError) -> [KnownUser] {
    var users: [KnownUser] = []
    for row in 0..<result.rowCount {
      guard let pool = result.text(row: row, column: 0),
        let sub = result.text(row: row, column: 1).flatMap({ Sub($0) }),
        let attributes = result.text(row: row, column: 3)
          .flatMap({ try? JSONValue(parsing: Array($0.utf8)) })?.object
      else { throw .unexpectedAnswer("cognito.find_user must answer a pool, a sub and attributes") }
      users.append(
        KnownUser(
          key: UserKey(userPoolID: pool, sub: sub), userName: result.text(row: row, column: 2),
          eventAttributes: attributes))
    }
    return users
  }
}
