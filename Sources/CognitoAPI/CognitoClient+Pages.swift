import JSON

extension CognitoClient {
  /// - Parameter token: as the answer has it.
  /// - Returns: nil when this page was the last.
  static func nextToken(
    _ token: JSONValue?, of operation: CognitoOperation
  ) throws(CognitoError) -> String? {
    switch token {
    case nil, .null: return nil
    case .string(let token): return token.isEmpty ? nil : token
    // To stop here would pass for the end of the list.
    default: throw .malformedAnswer(operation)
    }
  }
}

/// Notices that the tokens of pages go round in a circle, of whatever length, and remembers one token only.
///
/// Brent's algorithm: a token is kept while the next 1, 2, 4, … come. In a circle it comes again, at the latest once
/// more are waited for than the circle has.
public struct TokenLoop: Sendable {
  private var kept: String?
  private var count = 0
  private var limit = 1

  /// Before the first page.
  public init() {}

  /// - Parameter token: of the next page.
  /// - Returns: whether the tokens go round, as far as is known by now.
  public mutating func closes(with token: String) -> Bool {
    if token == kept { return true }
    count += 1
    if count == limit {
      kept = token
      count = 0
      limit = limit.multipliedReportingOverflow(by: 2).partialValue
    }
    return false
  }
}
