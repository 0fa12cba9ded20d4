/// A five-character SQLSTATE, PostgreSQL's code for what went wrong.
///
/// Source: PostgreSQL documentation, appendix A "PostgreSQL Error Codes".
public struct SQLState: Sendable, Hashable, CustomStringConvertible {
  /// All five characters.
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

  /// Whether the same may succeed later, without anybody having changed anything.
  public var mayPass: Bool {
    switch code {
    case "53100": false  // disk_full
    case "57P01", "57P02", "57P03": true  // admin_shutdown, crash_shutdown, cannot_connect_now
    case "40001", "40P01": true  // serialization_failure, deadlock_detected
    case "55P03": true  // lock_not_available
    case "58030": true  // io_error
    case "57014": true  // query_canceled: by statement_timeout, when the server is busy
    case "25006": true  // read_only_sql_transaction: until the failover is over
    // connection_exception, insufficient_resources
    default: errorClass == "08" || errorClass == "53"
    }
  }
}
