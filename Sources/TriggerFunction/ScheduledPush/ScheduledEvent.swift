import JSON

/// An invocation by Amazon EventBridge: a rule with a schedule, or EventBridge Scheduler.
///
/// Source: Amazon EventBridge User Guide, "Events" and "Scheduler: Lambda function as a target".
struct ScheduledEvent: Sendable, Equatable {
  private static let sources: Set = ["aws.events", "aws.scheduler"]

  /// - Parameter bytes: what Lambda was invoked with. Nil where it is anything else.
  init?(_ bytes: [UInt8]) {
    guard var reader = try? JSONReader(bytes, allowsByteOrderMark: true),
      let event = try? reader.value().object, (try? reader.end()) != nil,
      let source = event["source"]?.string, Self.sources.contains(source)
    else { return nil }
  }
}
