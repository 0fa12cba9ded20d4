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

  /// Whether the same statement may succeed on a fresh connection within a second or two.
  public var isTransient: Bool {
    switch code {
    case "53100":  // disk_full: does not pass by itself
      return false
    case "57P01", "57P02", "57P03":  // admin_shutdown, crash_shutdown, cannot_connect_now
      return true
    case "40001", "40P01":  // serialization_failure, deadlock_detected
      return true
    case "55P03":  // lock_not_available: the function's lock_timeout
      return true
    case "58030":  // io_error
      return true
    default:
      // 08 connection exception, 53 insufficient resources. Not 57014: the budget is spent by then.
      return errorClass == "08" || errorClass == "53"
    }
  }

  /// What an operator can do about it, where the code alone tells; nil elsewhere.
  public var remedy: String? {
    switch code {
    case "28P01", "28000":
      "check the user and the password of the connection, and pg_hba.conf; with IAM "
        + "authentication the login's grant of rds_iam, and the permission rds-db:connect"
    case "3D000":
      "the database does not exist: check its name in the connection, or create it"
    case "3F000", "42P01", "42883":
      "the schema is missing or older than this program: run 'pooltable migrate'"
    case "42501":
      "the login lacks a grant: run 'pooltable migrate --handler-role LOGIN'"
    case "25006":
      "the server is read-only: point the connection at the primary (target_session_attrs=read-write)"
    case "53300":
      "too many connections: put RDS Proxy or PgBouncer in front, or limit the concurrency"
    case "53100":
      "the server's disk is full"
    case "55P03":
      "another transaction held the row's lock too long: look for long transactions on cognito.users"
    case "57014":
      "the statement ran into statement_timeout: look at the server's load"
    case "57P01", "57P02", "57P03":
      "the server is stopping or starting: it heals by itself"
    default:
      nil
    }
  }
}
