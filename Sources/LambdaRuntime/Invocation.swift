import Clock

/// One event that Lambda hands out.
public struct Invocation: Sendable {
  public var requestID: String
  /// The event, as it came.
  public var payload: [UInt8]
  /// When Lambda gives up on this invocation; nil when it did not say, or not understandably.
  public var deadline: Deadline?
  /// When the event arrived, on both clocks.
  public var receivedAt: Instant
  public var receivedAtTime: Timestamp
  /// What starting the process took, where this is its first invocation; zero later.
  ///
  /// The caller has been waiting for that time, too.
  public var startUpTime: Duration

  public init(
    requestID: String, payload: [UInt8], deadline: Deadline?, receivedAt: Instant = .now(),
    receivedAtTime: Timestamp = .now(), startUpTime: Duration = .zero
  ) {
    self.requestID = requestID
    self.payload = payload
    self.deadline = deadline
    self.receivedAt = receivedAt
    self.receivedAtTime = receivedAtTime
    self.startUpTime = startUpTime
  }
}

/// What to answer an invocation with.
public enum InvocationAnswer: Sendable, Equatable {
  /// The event's own bytes.
  case echo
  /// These bytes.
  case replaced([UInt8])
  case failure(InvocationFailure)
}

/// The application: one call for every invocation, in order.
public protocol InvocationHandler {
  func handle(_ invocation: Invocation) -> InvocationAnswer
}
