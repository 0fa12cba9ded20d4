import CognitoTriggers
import Deadline

/// A user as an event shows it, ready to be written.
public struct SyncedUser: Sendable, Equatable {
  /// AWS's own limit, in bytes. PostgreSQL could not index what is much longer.
  static let userPoolIDLimit = 55

  public var userPoolID: String
  public var sub: Sub
  public var userName: String?
  public var attributes: UserAttributes
  /// When the event arrived: the events themselves carry no time.
  public var observedAt: Timestamp
  /// When the user was confirmed, where the event says that this has just happened.
  public var confirmedAt: Timestamp?
  /// When the user signed in, where that is to be recorded.
  public var signedInAt: Timestamp?

  /// - Throws: when the event does not say which user of which pool it is about.
  public init(
    _ event: TriggerEvent, observedAt: Timestamp, at moment: UserMoment
  ) throws(UnidentifiedUser) {
    guard let userPoolID = event.userPoolID, !userPoolID.isEmpty else { throw .noUserPoolID }
    guard userPoolID.utf8.count <= Self.userPoolIDLimit else { throw .malformedUserPoolID }
    guard let sub = event.attributes.sub else {
      throw event.attributes.hasSub ? .malformedSub : .noSub
    }
    self.userPoolID = userPoolID
    self.sub = sub
    userName = event.userName
    attributes = event.attributes
    self.observedAt = observedAt
    switch moment {
    case .sight: break
    case .confirmation: confirmedAt = observedAt
    case .signIn: signedInAt = observedAt
    }
  }
}

/// Why an event's user has no key in the table.
public enum UnidentifiedUser: String, Error, Sendable {
  case noUserPoolID = "the event has no userPoolId"
  case malformedUserPoolID = "the event's userPoolId is too long to be one"
  case noSub = "the event has no sub"
  case malformedSub = "the event's sub is not a UUID"
}
