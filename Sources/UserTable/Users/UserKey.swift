import CognitoTriggers

/// Which user of which pool an event or an element of a listing is about: what every row is found by.
public struct UserKey: Sendable, Hashable {
  /// Not longer than AWS's own, which PostgreSQL can index; otherwise anything, as an emulator's may be.
  public var userPoolID: String
  /// Who it is, within the pool.
  public var sub: Sub

  /// A key that is known to be one.
  public init(userPoolID: String, sub: Sub) {
    self.userPoolID = userPoolID
    self.sub = sub
  }

  /// - Throws: where the event does not say it.
  public init(_ event: TriggerEvent) throws(UnidentifiedUser) {
    try self.init(userPoolID: Self.userPoolID(of: event), event.attributes)
  }

  /// The pool alone, for an event that has no user.
  ///
  /// - Throws: where the event does not say it.
  public static func userPoolID(of event: TriggerEvent) throws(UnidentifiedUser) -> String {
    guard let userPoolID = event.userPoolID, !userPoolID.isEmpty else { throw .noUserPoolID }
    guard userPoolID.utf8.count <= UserPoolID.lengthLimit else { throw .malformedUserPoolID }
    return userPoolID
  }

  /// - Throws: where the pool's id is too long, or the attributes have no valid `sub`.
  public init(userPoolID: String, _ attributes: UserAttributes) throws(UnidentifiedUser) {
    guard userPoolID.utf8.count <= UserPoolID.lengthLimit else { throw .malformedUserPoolID }
    guard let sub = attributes.sub else { throw attributes.hasSub ? .malformedSub : .noSub }
    self.userPoolID = userPoolID
    self.sub = sub
  }
}

/// Why an event's user has no key in the table.
public enum UnidentifiedUser: String, Error, Sendable {
  case noUserPoolID = "the event has no userPoolId"
  case malformedUserPoolID = "the event's userPoolId is too long to be one"
  case noSub = "the user has no sub"
  case malformedSub = "the user's sub is not a UUID"
}
