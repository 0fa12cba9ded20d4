import JSON
import Postgres

/// A call of `cognito.resolve_requests`: the values of fields of a GraphQL API, by functions of a team's own.
public struct ResolveCall: TableStatement {
  /// One field.
  public struct Request: Sendable, Equatable {
    public var parentType: String
    public var field: String
    /// JSON; so below.
    public var arguments: JSONValue
    public var source: JSONValue
    /// What `request.jwt.claims` is for this field.
    public var claims: JSONValue

    /// - Parameters: as the properties of the same names.
    public init(
      parentType: String, field: String, arguments: JSONValue, source: JSONValue, claims: JSONValue
    ) {
      self.parentType = parentType
      self.field = field
      self.arguments = arguments
      self.source = source
      self.claims = claims
    }
  }

  /// What came of one.
  public enum Outcome: Sendable, Equatable {
    /// JSON.
    case value(String)
    /// `message` only where it is meant for the client.
    case error(state: String, message: String?)
  }

  public let sql = """
    SELECT answer, error_state, error_message FROM cognito.resolve_requests($1::jsonb)
    """
  public let parameters: [String?]
  /// What a mutation did cannot be done twice. A schema may name its root types as it likes, so that at the top only
  /// `Query` is known to ask; what is of an object, which has been answered already, asks as well.
  public let mayBeRepeated: Bool
  public let isShort = false
  private let count: Int

  /// - Parameter requests: in the order in which they are to be answered.
  public init(_ requests: [Request]) {
    var json = JSONWriter()
    json.array { json in
      for request in requests {
        json.object { json in
          json.member("arguments", request.arguments)
          json.member("claims", request.claims)
          json.member("field", request.field)
          json.member("parent_type", request.parentType)
          json.member("source", request.source)
        }
      }
    }
    parameters = [String(decoding: json.finished(), as: UTF8.self)]
    mayBeRepeated = requests.allSatisfy {
      $0.parentType == "Query" || $0.source != .null && $0.parentType != "Mutation"
    }
    count = requests.count
  }

  /// - Returns: one for each request, in their order.
  public func answer(in result: QueryResult) throws(PostgresError) -> [Outcome] {
    guard result.rowCount == count else {
      throw .unexpectedAnswer("cognito.resolve_requests must return a row for each request")
    }
    return try result.map { (row) throws(PostgresError) in
      if let state = result.text(row: row, column: 1) {
        return .error(state: state, message: result.text(row: row, column: 2))
      }
      return .value(result.text(row: row, column: 0) ?? "null")
    }
  }
}
