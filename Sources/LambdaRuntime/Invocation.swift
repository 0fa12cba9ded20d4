import Clock
import Glibc

/// One event that Lambda hands out.
public struct Invocation: Sendable {
  /// Lambda's id of this invocation; the answer must name it.
  public var requestID: String
  /// The event, as it came.
  public var payload: [UInt8]
  /// When Lambda gives up on this invocation; nil when it did not say so in a form that can be read.
  public var deadline: Deadline?
  /// When the event arrived, on both clocks.
  public var receivedAt: Instant
  /// The same moment on the wall clock.
  public var receivedAtTime: Timestamp
  /// How long the process took to start, if this is its first invocation; zero later.
  ///
  /// The caller has been waiting for that long as well.
  public var startUpTime: Duration

  /// - Parameters: as the properties of the same names.
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
  /// An error, which Cognito shows to the user who is waiting.
  case failure(InvocationFailure)
}

extension InvocationAnswer {
  /// Overwrites the bytes, if these are its own: what an answer is made of may hold a password.
  mutating func clear() {
    guard case .replaced(var bytes) = self else { return }
    // From here on the bytes have one owner, and are not copied for being overwritten.
    self = .echo
    bytes.clear()
    self = .replaced(bytes)
  }
}

extension [UInt8] {
  /// Overwrites all of it with zeros, where it is: there must be no other reference to its storage.
  mutating func clear() {
    withUnsafeMutableBytes { bytes in
      // Unlike an assignment the compiler may not leave it out.
      if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
    }
  }
}

/// The application: one call for every invocation, in order.
public protocol InvocationHandler {
  /// What an event is answered with.
  ///
  /// The process may be frozen as soon as it is answered: work that is begun here ends here.
  func handle(_ invocation: Invocation) -> InvocationAnswer
}
