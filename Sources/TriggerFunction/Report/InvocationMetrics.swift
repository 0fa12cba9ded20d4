import Clock
import CognitoTriggers
import LambdaRuntime

/// Writes what CloudWatch counts of each invocation: one line in the embedded metric format.
///
/// Nothing in it tells one person from another: an alarm needs none, and a dimension of that kind would
/// be a metric for each.
public struct InvocationMetrics {
  static let namespace = "PoolTable"

  private let functionName: String
  private let level: String
  private let write: @Sendable ([UInt8]) -> Void

  /// - Parameters:
  ///   - functionName: `AWS_LAMBDA_FUNCTION_NAME`, as every metric of Lambda's own has it.
  ///   - level: by what name the line calls itself. Lambda drops lines below its own level, and counts
  ///     one without a level as INFO.
  public init(
    functionName: String, level: String = "INFO",
    write: @escaping @Sendable ([UInt8]) -> Void = LambdaLog.writeToStandardError
  ) {
    self.functionName = functionName
    self.level = level
    self.write = write
  }

  /// Written whatever the log level and the log format are: it is no log line but a measurement.
  func record(_ report: InvocationReport) {
    let now = Timestamp.now()
    var metrics = EmbeddedMetrics(namespace: Self.namespace)
    metrics.texts = [
      ("timestamp", now.rfc3339), ("level", level),
      ("FunctionName", functionName), ("TriggerSource", Self.dimension(for: report)),
      ("Outcome", report.action.outcome.rawValue), ("requestId", report.requestID),
    ]
    var counts = EmbeddedMetrics.Directive(
      dimensionSets: [["FunctionName"], ["FunctionName", "TriggerSource"]])
    // Zeros as well: an alarm then tells "no failure" from "no data", and an average is a rate.
    for outcome in Outcome.allCases {
      let happened =
        outcome == report.action.outcome || outcome == report.action.written.map(Outcome.init)
      // Every metric costs: of what is asked for by hand, or ends once everybody is here, there are no zeros.
      if [.diagnosed, .migrated, .unmatched].contains(outcome), !happened { continue }
      counts.append(outcome.metricName, happened ? 1 : 0, .count)
    }
    counts.append("TotalTime", report.total.milliseconds, .milliseconds)
    if report.action.times.attempts > 0 {
      // A connection that stands costs nothing: only what it took to open one is of interest.
      if report.action.times.connect > .zero {
        counts.append("ConnectTime", report.action.times.connect.milliseconds, .milliseconds)
      }
      counts.append("QueryTime", report.action.times.query.milliseconds, .milliseconds)
    }
    if let writeBack = report.action.writeBack {
      counts.append("WrittenBack", writeBack == .set ? 1 : 0, .count)
      counts.append("WriteBackFailed", writeBack.isFailure ? 1 : 0, .count)
    }
    if let link = report.action.link {
      counts.append("Linked", link == .linked ? 1 : 0, .count)
      counts.append("LinkDoubted", link.isDoubt ? 1 : 0, .count)
      counts.append("LinkFailed", link.isFailure ? 1 : 0, .count)
    }
    if let pushed = report.action.pushed {
      counts.append("PushedUsers", Double(pushed.users), .count)
      counts.append("PushKeptBack", Double(pushed.keptBack), .count)
    }
    if let resolved = report.action.resolved {
      counts.append("FieldFailed", resolved.states.isEmpty ? 0 : 1, .count)
    }
    if let age = report.action.change?.age {
      counts.append("ChangeAge", max(0, age.milliseconds), .milliseconds)
    }
    metrics.directives.append(counts)
    if let failure = report.action.failureClass {
      metrics.texts.append(("FailureClass", failure.rawValue))
      var failures = EmbeddedMetrics.Directive(dimensionSets: [["FunctionName", "FailureClass"]])
      failures.append(Outcome.failed.metricName, 1, .count)
      metrics.directives.append(failures)
    }
    write(metrics.line(at: now))
  }

  /// Only names that are known: a caller that invents some must not make metrics.
  private static func dimension(for report: InvocationReport) -> String {
    if report.action.change != nil { return "CloudTrail" }
    if report.action.resolved != nil { return "AppSync" }
    guard let source = report.triggerSource else { return "None" }
    return TriggerSource(rawValue: source)?.rawValue ?? "Unknown"
  }
}

extension Outcome {
  fileprivate var metricName: String {
    switch self {
    case .inserted: "Inserted"
    case .updated: "Updated"
    case .unchanged: "Unchanged"
    case .stale: "Stale"
    case .deleted: "Deleted"
    case .ignored: "Ignored"
    case .unidentified: "Unidentified"
    case .secondary: "Secondary"
    case .overridden: "Overridden"
    case .admitted: "Admitted"
    case .declined: "Declined"
    case .migrated: "Migrated"
    case .unmatched: "Unmatched"
    case .passed: "Passed"
    case .resolved: "Resolved"
    case .pushed: "Pushed"
    case .diagnosed: "Diagnosed"
    case .refused: "Refused"
    case .failed: "Failed"
    }
  }
}

/// Whether and how metrics are written.
public enum MetricsFormat: String, Sendable, CaseIterable {
  case none
  /// CloudWatch's embedded metric format.
  case emf
}
