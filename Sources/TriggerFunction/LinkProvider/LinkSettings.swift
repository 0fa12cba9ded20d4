import Settings

/// Whose identities are linked, and how.
public struct LinkSettings: Sendable, Equatable {
  /// By their names in the user pool.
  public var providers: [ProviderName]
  /// The attribute that the provider's subject is mapped to; nil: none.
  public var subjectAttribute: String?
  /// What a sign-up is answered with after a link.
  public var answer = LinkAnswer.continue

  /// - Parameters: as the properties of the same names; at least one provider.
  public init(providers: [ProviderName], subjectAttribute: String? = nil) {
    self.providers = providers
    self.subjectAttribute = subjectAttribute
  }

  /// `LINK_PROVIDERS`, `LINK_SUBJECT_ATTRIBUTE` and `LINK_ANSWER`.
  ///
  /// - Returns: nil where no provider is named: then nobody is linked.
  public init?(environment: Environment) throws(SettingError) {
    let variable = "LINK_PROVIDERS"
    let rule = "must be names of identity providers as the user pool has them, separated by commas"
    let attribute = try environment.value(
      "LINK_SUBJECT_ATTRIBUTE",
      "must be an attribute that the provider's subject is mapped to, like custom:subject"
    ) { Self.canHoldSubject($0) ? $0 : nil }
    let answer = try environment.choice("LINK_ANSWER", of: LinkAnswer.self)
    guard let names = try environment.list(variable, rule) else { return nil }
    let providers = names.compactMap(ProviderName.init)
    guard providers.count == names.count, Set(providers.map(\.lowercased)).count == names.count
    else { throw SettingError(variable, rule) }
    // Nobody of theirs would ever be linked.
    if attribute == nil, let name = providers.first(where: \.losesItsSubjects) {
      throw SettingError(
        variable,
        "names \(name), whose subjects may have capitals that no user name shows: LINK_SUBJECT_ATTRIBUTE must name "
          + "the attribute that they are mapped to")
    }
    self.init(providers: providers, subjectAttribute: attribute)
    if let answer { self.answer = answer }
  }

  /// Whether an attribute of this name may be mapped to a provider's subject: those that say something else are not.
  private static func canHoldSubject(_ name: String) -> Bool {
    (1...27).contains(name.count) && !name.contains(where: \.isWhitespace)
      && !name.hasPrefix("cognito:")
      && !["sub", "identities", "email", "email_verified"].contains(name)
  }
}

/// What a sign-up is answered with after a link.
public enum LinkAnswer: String, Sendable, CaseIterable {
  /// The event: the sign-in goes on.
  case `continue`
  /// An error, after which the client signs in again: for user pools whose first sign-in after a link would end with
  /// "Already found an entry for username".
  case retry
}

/// An identity provider's name in a user pool.
///
/// Source: Amazon Cognito user pools API reference, `CreateIdentityProvider`, `ProviderName`: 3 to 32 characters, no
/// separators; that there is no underscore beyond the second character is part of the pattern. None is allowed here,
/// since what follows the first one in a federated user's name is the subject.
public struct ProviderName: Sendable, Hashable, CustomStringConvertible {
  private static let lengths = 3...32

  /// As the pool has it.
  public let text: String

  /// - Returns: nil where no provider can have that name.
  public init?(_ text: String) {
    guard Self.lengths.contains(text.unicodeScalars.count), text != "Cognito",
      !text.unicodeScalars.contains(where: {
        $0 == "_" || $0.properties.isWhitespace || $0.properties.generalCategory == .control
      })
    else { return nil }
    self.text = text
  }

  public var description: String { text }
  /// As a pool that does not tell cases apart writes it into user names.
  var lowercased: String { text.lowercased() }

  /// Whether a user name can never tell that it has kept the subject's capitals, and the subject may have some.
  var losesItsSubjects: Bool { subjectForm == nil && text == lowercased }

  /// What the provider's subjects are like, where they are known to have no capitals.
  ///
  /// Source: Google's OpenID Connect guide and Facebook's Graph API reference (digits); Apple's "Authenticating users
  /// with Sign in with Apple", as every such user in public reports (`001234.0123456789abcdef….0123`).
  var subjectForm: SubjectForm? {
    switch text {
    case "Google", "Facebook": .digits
    case "SignInWithApple": .digitsAndHex
    default: nil
    }
  }
}

/// The form of a provider's subjects, none of which has a capital letter.
enum SubjectForm: Sendable, Equatable {
  case digits
  /// With dots between its parts.
  case digitsAndHex

  /// - Parameter subject: not empty.
  func fits(_ subject: String) -> Bool {
    subject.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): true
      case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "."): self == .digitsAndHex
      default: false
      }
    }
  }
}
