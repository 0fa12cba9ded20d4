/// How a runtime answered an invocation.
public struct Answer: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// The body of `invocation/{id}/response`.
    case response([UInt8])
    /// `invocation/{id}/error`: the type from its header, and the body.
    case error(type: String?, body: [UInt8])
  }

  public var kind: Kind
  public var requestID: String
  /// From the last byte of the event sent to the last byte of the answer received.
  public var elapsed: Duration

  /// Whether the answer is the very bytes of `event`.
  public func echoes(_ event: [UInt8]) -> Bool { kind == .response(event) }
}

/// Why an invocation has no answer.
public enum LocalRuntimeError: Error, Sendable, Equatable {
  case systemCall(String, Int32)
  /// The process reported that it cannot start.
  case initializationError(body: [UInt8])
  /// The process ended.
  case processEnded(ExitStatus)
  case timedOut
}
