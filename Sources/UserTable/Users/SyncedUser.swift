import Clock
import CognitoTriggers
import JSON

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
  /// Whether an administrator lets the user in; nil where that is not said.
  public var isEnabled: Bool?
  /// When the event arrived, or the listing was asked for: neither carries a time.
  public var observedAt: Timestamp
  /// When the user was confirmed, where the event says that this has just happened.
  public var confirmedAt: Timestamp?
  /// What the client sent along with that, a JSON object; nil where nothing is to be kept of it. So below.
  public var clientMetadata: String?
  /// Which app client it was.
  public var signUpClientID: String?
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
    case .confirmation: confirmedAt = observedAt
    case .signIn(let isRecorded):
      isEnabled = true
      if isRecorded { signIn = SignIn(time: observedAt, requestID: requestID) }
    case .token: isEnabled = true
    }
  }

  /// A user as Cognito's API shows it. That it was confirmed just now no answer says.
  ///
  /// - Parameters:
  ///   - attributes: by name.
  ///   - status: which the API has beside the attributes.
  ///   - observedAt: when Cognito was asked.
  /// - Throws: when the user has no `sub` that is one.
  public init(
    userPoolID: String, userName: String, attributes: [JSONKey: JSONValue], status: String?,
    isEnabled: Bool?, observedAt: Timestamp
  ) throws(UnidentifiedUser) {
    var attributes = UserAttributes(attributes)
    attributes.listedStatus = status
    key = try UserKey(userPoolID: userPoolID, attributes)
    self.userName = userName
    self.attributes = attributes
    self.isEnabled = isEnabled
    self.observedAt = observedAt
  }
}

/// What an event says of its moment beside what the user is like.
public enum UserMoment: Sendable, Equatable {
  /// The user was confirmed just now.
  case confirmation
  /// The user signed in just now, which no disabled user can.
  case signIn(isRecorded: Bool)
  /// The user gets tokens just now, which no disabled user can.
  case token
}
