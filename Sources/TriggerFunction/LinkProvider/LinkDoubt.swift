/// Why somebody is not linked. The raw value is its word in log lines and in what `pooltable link` says.
public enum LinkDoubt: String, Error, Sendable, CaseIterable {
  // Of who signs in:

  /// The provider is not one of those whose identities are linked.
  case notListed
  /// The provider gives no address.
  case noAddress
  /// The provider does not say that the address is verified.
  case unverified
  /// No filter of Cognito's can hold the address.
  case oddAddress
  /// What the user name and the attribute say of the subject does not fit together, or is none of the provider's.
  case subject
  /// The subject may have capitals, which the user name does not show, and no attribute tells.
  case capitals

  // Of who has the address:

  /// Several native users have it.
  case ambiguous
  /// It is written in other cases, which a pool may tell apart.
  case otherCase
  /// Cognito, asked for the user, says something else than its listing does.
  case changed
  case unconfirmed
  case disabled
  /// The native user's address is not verified.
  case addressUnverified
  /// The user has an identity of this provider.
  case alreadyLinked
  /// The user has as many identities as a user can have.
  case full
  /// The user's identities cannot be read.
  case identities
  /// The identity has, or had, a user of its own, or is linked to somebody else.
  case ownUser

  /// What it means, for a person.
  public var meaning: String {
    switch self {
    case .notListed: "the provider is not one of those whose identities are linked"
    case .noAddress: "the provider gives no address"
    case .unverified: "the provider does not say that the address is verified"
    case .oddAddress: "Cognito cannot be asked for the address"
    case .subject: "user name and attribute do not agree on the provider's subject"
    case .capitals:
      "the provider's subject may have capitals, which the user name does not show: map it to an attribute, and name "
        + "that in LINK_SUBJECT_ATTRIBUTE"
    case .ambiguous: "several native users have the address"
    case .otherCase: "the native user's address is written in another case"
    case .changed: "Cognito, asked for the native user, does not say what its listing does"
    case .unconfirmed: "the native user is not confirmed"
    case .disabled: "the native user is disabled"
    case .addressUnverified: "the native user's address is not verified"
    case .alreadyLinked: "the native user has an identity of this provider"
    case .full: "the native user has five identities, the most that there can be"
    case .identities: "the native user's identities cannot be read"
    case .ownUser:
      "the identity has a user of its own, who has to be deleted first (pooltable link --delete-federated)"
    }
  }
}
