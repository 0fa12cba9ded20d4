import CognitoTriggers

/// A user that PostgreSQL refuses to hold.
public struct RefusedUser: Sendable, Equatable, CustomStringConvertible {
  public var sub: Sub
  /// As `PostgresError` says it, which names no value.
  public var reason: String

  public var description: String { "\(sub): \(reason)" }
}
