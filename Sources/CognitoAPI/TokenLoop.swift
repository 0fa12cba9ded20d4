/// Notices that the tokens of pages go round in a circle, of whatever length, and remembers one token only.
///
/// Brent's algorithm: a token is kept while the next 1, 2, 4, … come; in a circle it comes again at the latest when
/// more are waited for than the circle has.
public struct TokenLoop: Sendable {
  private var kept: String?
  private var count = 0
  private var limit = 1

  public init() {}

  /// - Parameter token: of the next page.
  /// - Returns: whether it was there before.
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
