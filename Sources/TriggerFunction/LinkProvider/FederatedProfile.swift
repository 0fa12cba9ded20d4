import CognitoAPI
import CognitoTriggers

/// Who comes through an identity provider: as an event before the sign-up shows them, or Cognito afterwards.
public struct FederatedProfile: Sendable, Equatable {
  /// `PROVIDER_SUBJECT`, in lower case where the pool does not tell cases apart.
  public var userName: String
  /// As the provider's were mapped.
  public var attributes: UserAttributes

  /// - Parameters: as the properties of the same names.
  public init(userName: String, attributes: UserAttributes) {
    self.userName = userName
    self.attributes = attributes
  }
}

/// An identity that may be linked: all that is known of it without asking Cognito.
public struct LinkSource: Sendable, Equatable {
  public var provider: ProviderName
  /// In its own case.
  public var subject: String
  /// Verified, says the provider.
  public var address: String
  /// Finds who has the address.
  var filter: EmailFilter

  /// - Throws: what speaks against it.
  public init(
    _ profile: FederatedProfile, _ settings: LinkSettings
  ) throws(LinkDoubt) {
    let name = profile.userName
    guard let underscore = name.utf8.firstIndex(of: UInt8(ascii: "_")),
      let provider = settings.providers.first(where: {
        equalsIgnoringCase(name[..<underscore], $0.text)
      })
    else { throw .notListed }
    guard let address = profile.attributes.email else { throw .noAddress }
    guard profile.attributes.isEmailVerified == true else { throw .unverified }
    guard let filter = EmailFilter(address) else { throw .oddAddress }
    self.provider = provider
    self.address = address
    self.filter = filter
    subject = try Self.subject(
      inName: name[name.utf8.index(after: underscore)...],
      keepsCase: name[..<underscore].utf8.elementsEqual(provider.text.utf8)
        && provider.text != provider.lowercased,
      mapped: settings.subjectAttribute.flatMap(profile.attributes.text(of:)), of: provider)
  }

  /// - Parameters:
  ///   - named: what follows the first underscore of the user name.
  ///   - keepsCase: whether the provider's part of the name shows that the pool has left capitals as they are.
  ///   - mapped: the attribute; nil where there is none.
  private static func subject(
    inName named: Substring, keepsCase: Bool, mapped: String?, of provider: ProviderName
  ) throws(LinkDoubt) -> String {
    // An attribute that is mapped to something else would have somebody else's identity linked.
    guard !named.isEmpty, mapped.map({ equalsIgnoringCase(named, $0) }) != false else {
      throw .subject
    }
    let subject = mapped ?? String(named)
    if let form = provider.subjectForm {
      guard form.fits(subject) else { throw .subject }
    } else if mapped == nil, !keepsCase {
      throw .capitals
    }
    return subject
  }
}

/// Whether two texts are the same but for the case of ASCII letters. By bytes: to Swift's own comparison, and to
/// mappings of Unicode's, texts are equal that are different addresses.
func equalsIgnoringCase(_ one: some StringProtocol, _ other: some StringProtocol) -> Bool {
  one.utf8.elementsEqual(other.utf8) { lowercased($0) == lowercased($1) }
}

private func lowercased(_ byte: UInt8) -> UInt8 {
  (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}
