import CognitoAPI
import CognitoTriggers
import JSON

/// To which native user an identity is linked: all of the conditions, or none.
///
/// An address alone says little. Somebody may have signed up with the address of another person and left it unconfirmed,
/// to be given that person's identity; and not every provider verifies addresses.
public enum LinkRule {
  /// Source: Amazon Cognito Developer Guide, "Linking federated users to an existing user profile".
  static let identityLimit = 5

  /// - Parameter listed: whom Cognito lists with the address, or with one that it takes for the same.
  /// - Returns: the one native user who has the address; nil where nobody does.
  /// - Throws: `ambiguous`, `otherCase`.
  public static func native(
    among listed: [CognitoUser], for source: LinkSource
  ) throws(LinkDoubt) -> CognitoUser? {
    let natives = listed.filter { user in
      user.status != "EXTERNAL_PROVIDER"
        && user.email.map { equalsIgnoringCase($0, source.address) } == true
    }
    guard let native = natives.first else { return nil }
    guard natives.count == 1 else { throw .ambiguous }
    guard native.hasAddress(source.address) else { throw .otherCase }
    return native
  }

  /// - Parameters:
  ///   - asked: the native user as Cognito, asked for it by name, describes it.
  ///   - sub: of the user who is meant.
  /// - Throws: what speaks against it.
  public static func check(
    _ asked: CognitoUser, isAt sub: Sub, for source: LinkSource
  ) throws(LinkDoubt) {
    guard asked.sub == sub, asked.hasAddress(source.address) else { throw .changed }
    guard asked.status == "CONFIRMED" else { throw .unconfirmed }
    guard asked.isEnabled == true else { throw .disabled }
    guard UserAttributes(asked.attributes).isEmailVerified == true else {
      throw .addressUnverified
    }
    guard let identities = LinkedIdentity.all(of: asked) else { throw .identities }
    guard !identities.contains(where: { $0.isOf(source.provider) }) else { throw .alreadyLinked }
    guard identities.count < identityLimit else { throw .full }
  }

  /// Whether the user has this very identity.
  static func isLinked(_ source: LinkSource, to user: CognitoUser) -> Bool {
    LinkedIdentity.all(of: user)?.contains {
      $0.isOf(source.provider) && $0.subject.utf8.elementsEqual(source.subject.utf8)
    } == true
  }
}

/// One of a user's identities.
private struct LinkedIdentity {
  var provider: String
  var subject: String

  func isOf(_ other: ProviderName) -> Bool { equalsIgnoringCase(provider, other.text) }

  /// - Returns: nil where they cannot be read.
  static func all(of user: CognitoUser) -> [LinkedIdentity]? {
    let value: JSONValue
    switch user.attributes["identities"] {
    case nil, .null, .string(""): return []
    case .string(let text):
      guard let parsed = try? JSONValue(parsing: Array(text.utf8)) else { return nil }
      value = parsed
    case let other?: value = other
    }
    guard case .array(let elements) = value else { return nil }
    let identities = elements.compactMap { element -> LinkedIdentity? in
      guard let provider = element.object?["providerName"]?.string,
        let subject = element.object?["userId"]?.string
      else { return nil }
      return LinkedIdentity(provider: provider, subject: subject)
    }
    return identities.count == elements.count ? identities : nil
  }
}

extension CognitoUser {
  fileprivate var email: String? { attributes["email"]?.string }

  /// By the bytes.
  fileprivate func hasAddress(_ address: String) -> Bool {
    email.map { $0.utf8.elementsEqual(address.utf8) } == true
  }
}
