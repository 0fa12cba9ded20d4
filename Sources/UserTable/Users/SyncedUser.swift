import Clock
import CognitoTriggers

/// That a user signed in.
public struct SignIn: Sendable, Equatable {
  /// When it was.
  public var time: Timestamp
  /// What tells a second attempt to record the same sign-in from another one at the same moment.
  public var requestID: String
}

/// A user as an event or a listing shows it, ready to be written.
public struct SyncedUser: Sendable, Equatable {
  /// Who it is.
  public var key: UserKey
  /// nil where the event does not say it.
  public var userName: String?
  /// All that are shown.
  public var attributes: UserAttributes
  /// Whether an administrator lets the user in; nil where that is not said, as in every event.
  public var isEnabled: Bool?
  /// When the event arrived, or the listing was asked for: neither carries a time.
  public var observedAt: Timestamp
  /// When the user was confirmed, where the event says that this has just happened.
  public var confirmedAt: Timestamp?
  /// The sign-in, where it is to be recorded.
  public var signIn: SignIn?

  /// - Parameters:
  ///   - observedAt: when the event arrived.
  ///   - requestID: of the invocation that brought it.
  ///   - moment: what else it tells.
  /// - Throws: when the event does not say which user of which pool it is about.
  public init(
    _ event: TriggerEvent, observedAt: Timestamp, requestID: String, at moment: UserMoment
  ) throws(UnidentifiedUser) {
    key = try UserKey(event)
    userName = event.userName
    attributes = event.attributes
    self.observedAt = observedAt
    switch moment {
    case .sight: break
    case .confirmation: confirmedAt = observedAt
    case .signIn: signIn = SignIn(time: observedAt, requestID: requestID)
    }
  }

  /// A user as a listing shows it; no listing says that a user was confirmed just now.
  ///
  /// - Parameters:
  ///   - attributes: with the listed status.
  ///   - observedAt: when the listing was asked for.
  public init(
    _ key: UserKey, userName: String, attributes: UserAttributes, isEnabled: Bool?,
    observedAt: Timestamp
  ) {
    self.key = key
    self.userName = userName
    self.attributes = attributes
    self.isEnabled = isEnabled
    self.observedAt = observedAt
  }
}

/// What an event says of its moment, besides what the user is like.
public enum UserMoment: Sendable {
  /// Nothing that is written.
  case sight
  /// The user was confirmed just now.
  case confirmation
  /// The user signed in just now, and that is to be recorded.
  case signIn
}
