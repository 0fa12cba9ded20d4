import AppSync
import CognitoTriggers
import JSON

/// What an invocation brings: recognised once, from its bytes.
enum IncomingEvent: Equatable {
  case trigger(TriggerEvent)
  /// CloudTrail tells of a call of Cognito's API.
  case change(ChangeRecord)
  /// AppSync asks for fields.
  case fields(FieldRequests)
  /// A schedule invokes the function.
  case schedule
  /// Somebody asks what of the deployment is as it should be.
  case doctor
  /// A list of anything else.
  case unknownList
  /// Nothing of ours.
  case unrecognized(TriggerEventError)

  init(_ payload: [UInt8]) {
    do {
      self = .trigger(try TriggerEvent(payload))
    } catch {
      guard error == .noTriggerSource || error == .notAnObject else {
        self = .unrecognized(error)
        return
      }
      if let record = ChangeRecord(payload) {
        self = .change(record)
      } else if let requests = FieldRequests(payload) {
        self = .fields(requests)
      } else if ScheduledEvent(payload) != nil {
        self = .schedule
      } else if Self.isList(payload) {
        self = .unknownList
      } else {
        self = DoctorRequest(payload) == nil ? .unrecognized(error) : .doctor
      }
    }
  }

  private static func isList(_ payload: [UInt8]) -> Bool {
    var reader = try? JSONReader(payload, allowsByteOrderMark: true)
    return (try? reader?.isAtArray()) == true
  }
}
