import PasswordHashes
import PasswordVerification
import Settings
import UserTable

/// How users who were there before Cognito are brought along.
struct MigrationSettings: Sendable {
  /// `MIGRATE_PEPPER`; secret.
  var verifier = PasswordVerifier()
  /// `MIGRATE_WEAK_HASHES`: whether MD5 and SHA-1 that are hardly slowed down are verified at all.
  var allowsWeakHashes = false
  /// `MIGRATE_ATTEMPTS`.
  var limit = AttemptLimit(count: 5, window: .seconds(15 * 60))
  /// `MIGRATE_DUMMY_HASH`: what is computed where nobody is found; nil: what was computed last.
  var dummy: HashScheme?
  /// What Lambda gives the function; nil where it does not run there.
  var size: FunctionSize?

  init() {}

  /// - Returns: nil without `MIGRATE_USERS=on`.
  init?(_ environment: Environment) throws(SettingError) {
    let isOn = try environment.isOn("MIGRATE_USERS")
    verifier = PasswordVerifier(pepper: environment["MIGRATE_PEPPER"])
    allowsWeakHashes = try environment.isOn("MIGRATE_WEAK_HASHES")
    if let limit = try environment.value(
      "MIGRATE_ATTEMPTS", "must be a number and a time of at most a day, like 5/15m",
      AttemptLimit.init(setting:))
    {
      self.limit = limit
    }
    dummy = try environment.value(
      "MIGRATE_DUMMY_HASH",
      "must be a hash that can be verified, of the form and the cost that most of the table's have"
    ) { try? StoredHash($0).scheme }
    size = environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"].flatMap { Int($0) }
      .map { FunctionSize(memory: $0) }
    guard isOn else { return nil }
  }
}

extension AttemptLimit {
  /// - Parameter text: `5/15m`: a number, and a time in seconds (`s`), minutes (`m`) or hours (`h`).
  init?(setting text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let attempts = Int(parts[0]), (1...10_000).contains(attempts),
      let unit = parts[1].last, let count = Int(parts[1].dropLast()), (1...86_400).contains(count)
    else { return nil }
    let seconds: Int
    switch unit {
    case "s": seconds = count
    case "m": seconds = count * 60
    case "h": seconds = count * 3600
    default: return nil
    }
    guard seconds <= 86_400 else { return nil }
    self.init(count: attempts, window: .seconds(seconds))
  }
}
