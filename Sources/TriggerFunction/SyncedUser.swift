import Clock
import CognitoAPI
import CognitoTriggers

/// That a user signed in.
public struct SignIn: Sendable, Equatable {
  public var time: Timestamp
  /// What tells a second attempt to record the same sign-in from another one at the same moment.
  public var requestID: String
}

/// A user as an event or a listing shows it, ready to be written.
public struct SyncedUser: Sendable, Equatable {
  public var key: UserKey
  public var userName: String?
  public var attributes: UserAttributes
  /// Whether an administrator lets the user in; nil where that is not said, as in every event.
  public var isEnabled: Bool?
  /// When the event arrived, or the listing was asked for: neither carries a time.
  public var observedAt: Timestamp
  /// When the user was confirmed, where the event says that this has just happened.
  public var confirmedAt: Timestamp?
  /// The sign-in, where it is to be recorded.
  public var signIn: SignIn?

  /// - Parameter requestID: of the invocation that brought the event.
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

  /// A user as a listing shows it. That it was confirmed just now no listing says.
  ///
  /// - Throws: when it has no `sub` that is one.
  public init(
    _ user: CognitoUser, of pool: UserPoolID, observedAt: Timestamp
  ) throws(UnidentifiedUser) {
    var attributes = UserAttributes(user.attributes)
    attributes.listedStatus = user.status
    key = try UserKey(userPoolID: pool.text, attributes)
    userName = user.username
    self.attributes = attributes
    isEnabled = user.isEnabled
    self.observedAt = observedAt
  }
}
