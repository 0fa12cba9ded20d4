/// A line of a job's log: what became of a user.
///
/// Source: Amazon Cognito Developer Guide, "Viewing the user pool import results in the CloudWatch console". It does not
/// say from where lines are counted: logs that were published have the first user in line 2, after the header.
public struct ImportLogLine: Sendable, Equatable {
  public enum Outcome: String, Sendable {
    case succeeded = "SUCCEEDED"
    case skipped = "SKIPPED"
    case failed = "FAILED"
  }

  public var outcome: Outcome
  /// Of the file, the header being 1.
  public var line: Int
  /// In Cognito's words, which name no user.
  public var reason: String

  /// - Parameter text: as `[FAILED] Line Number 5956 - The User Record …`. Nil where it is no such line.
  public init?(_ text: String) {
    let parts = text.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 6, parts[1] == "Line", parts[2] == "Number", parts[4] == "-",
      let bracketed = parts.first, bracketed.hasPrefix("["), bracketed.hasSuffix("]"),
      let outcome = Outcome(rawValue: String(bracketed.dropFirst().dropLast())),
      let line = Int(parts[3]), line > 0
    else { return nil }
    self.outcome = outcome
    self.line = line
    reason = String(parts[5])
  }
}
