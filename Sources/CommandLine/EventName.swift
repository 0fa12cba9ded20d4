import AppSync
import CognitoTriggers
import SampleEvents
import TriggerFunction

/// What an event is called where it is shown.
enum EventName {
  /// - Returns: the trigger source; of a record of CloudTrail's the followed call; AppSync's field; `Schedule`; nil for
  ///   what is none of them.
  static func of(_ event: [UInt8]) -> String? {
    (try? TriggerEvent(event))?.sourceName ?? ChangeRecord(event)?.call?.rawValue
      ?? FieldRequests(event)?.field.map { "AppSync \($0)" }
      ?? ScheduledEvent(event).map { _ in SampleSource.schedule.name }
  }
}
