import JSON

/// What one check found.
public struct Finding: Sendable, Equatable {
  /// How it stands.
  public enum Verdict: String, Sendable, CaseIterable {
    /// As it should be.
    case ok
    /// It works, and should be otherwise.
    case warning
    /// It does not work, or must not be.
    case failed
    /// Not looked at, for want of a permission, of an answer, or of anything to look at.
    case skipped
  }

  /// What was looked at.
  public var check: CheckName
  public var verdict: Verdict
  /// What was found, or why nothing was, in a line without a secret.
  public var text: String
  /// What to do about it; nil where nothing is to be done.
  public var remedy: String?

  static func ok(_ check: CheckName, _ text: String) -> Finding {
    Finding(check: check, verdict: .ok, text: text)
  }

  static func warning(_ check: CheckName, _ text: String, _ remedy: String) -> Finding {
    Finding(check: check, verdict: .warning, text: text, remedy: remedy)
  }

  static func failed(_ check: CheckName, _ text: String, _ remedy: String?) -> Finding {
    Finding(check: check, verdict: .failed, text: text, remedy: remedy)
  }

  static func skipped(_ check: CheckName, _ reason: String, _ remedy: String? = nil) -> Finding {
    Finding(check: check, verdict: .skipped, text: reason, remedy: remedy)
  }
}

/// What is looked at. The raw value is its name in the output.
public enum CheckName: String, Sendable, CaseIterable {
  case configuration
  case nameResolution = "name resolution"
  case connection
  case tls = "TLS"
  case certificate
  case server
  case migrations
  case login
  case pooler
  case databaseClock = "database clock"
  case roundTrip = "round trip"
  case credentials = "AWS credentials"
  case awsClock = "AWS clock"
  case function
  case triggers
  case journeys
  case tokenEvents = "token events"
  case issuer
  case replicas
  case writeBackAttribute = "write-back attribute"
  case legacyAttribute = "legacy attribute"
  case appClients = "app clients"
  case permission
  case trail
  case rules
}

/// All that was found, in the order in which it was looked at.
public struct Diagnosis: Sendable, Equatable {
  public var findings: [Finding]

  /// - Parameter findings: in the order in which they are to be shown.
  public init(_ findings: [Finding]) {
    self.findings = findings
  }

  /// Whether nothing has failed.
  public var isHealthy: Bool { count(.failed) == 0 }

  /// How many findings have this verdict.
  public func count(_ verdict: Finding.Verdict) -> Int {
    findings.count { $0.verdict == verdict }
  }
}

extension Finding: JSONWritable {
  public func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("check", check.rawValue)
      json.member("remedy", remedy)
      json.member("text", text)
      json.member("verdict", verdict.rawValue)
    }
  }
}

extension Diagnosis: JSONWritable {
  /// One object with its keys in order: the findings, how many there are of each verdict, and whether none has failed.
  public func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("failed", count(.failed))
      json.member("findings", findings)
      json.member("healthy", isHealthy)
      json.member("ok", count(.ok))
      json.member("skipped", count(.skipped))
      json.member("warnings", count(.warning))
    }
  }
}
