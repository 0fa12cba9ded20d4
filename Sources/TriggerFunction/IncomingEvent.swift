import CognitoTriggers

/// What an invocation brings: recognised once, from its bytes.
enum IncomingEvent: Equatable {
  case trigger(TriggerEvent)
  /// A schedule invokes the function.
  case schedule
  /// Nothing of ours.
  case unrecognized(TriggerEventError)

  init(_ payload: [UInt8]) {
    do {
      self = .trigger(try TriggerEvent(payload))
    } catch {
      let isSchedule = error == .noTriggerSource && ScheduledEvent(payload) != nil
      self = isSchedule ? .schedule : .unrecognized(error)
    }
  }
}
