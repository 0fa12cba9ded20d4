/// A five-character SQLSTATE, PostgreSQL's code for what went wrong.
///
/// Source: PostgreSQL documentation, appendix A "PostgreSQL Error Codes".
public struct SQLState: Sendable, Hashable, CustomStringConvertible {
  public let code: String

  /// - Parameter code: five digits or upper-case letters; anything else gives nil.
  public init?(_ code: some StringProtocol) {
    let isWellFormed =
      code.utf8.count == 5
      && code.utf8.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
      }
    guard isWellFormed else { return nil }
    self.code = String(code)
  }

  /// The first two characters, which name the kind of error.
  public var errorClass: String { String(code.prefix(2)) }

  public var description: String { code }
}
