import CognitoTriggers
import JSON

/// Somebody who is made up: the same number is always the same person.
struct SampleUser: Sendable {
  let number: Int
  let sub: String
  /// As Cognito names users where nobody chooses a name: by the `sub`, or by provider and its id.
  let userName: String
  let email: String
  let phoneNumber: String
  /// The provider's id of the user.
  let subject: String

  /// - Parameter number: from 1.
  init(number: Int, _ options: SampleOptions) {
    self.number = number
    subject = "\(1_000_000_000 + number)"
    email = "user\(number)@example.com"
    // Of the numbers that are kept for fiction, as far as there are some.
    phoneNumber = "+1555010\(Self.digits(number % 10_000, 4))"
    sub = options.sub?.description ?? Self.uuid(number)
    userName = options.userName ?? options.provider.map { [subject] in "\($0)_\(subject)" } ?? sub
  }

  /// A valid UUID, of version 4 by its form.
  static func uuid(_ number: Int) -> String {
    "5a4b1e00-0000-4000-8000-\(digits(number, 12))"
  }

  private static func digits(_ number: Int, _ count: Int) -> String {
    let digits = "\(number)"
    return String(repeating: "0", count: max(0, count - digits.count)) + digits
  }
}

/// A user's attributes at some moment.
struct SampleAttributes {
  private var members: [(name: String, value: String)] = []

  /// - Parameter moment: which attributes there are, before the options' own.
  init(of user: SampleUser, at moment: SampleMoment, _ options: SampleOptions) {
    if moment.hasSub { set("sub", user.sub) }
    let isVerified = moment.isVerified && options.provider == nil
    if let status = moment.status(isFederated: options.provider != nil) {
      set("cognito:user_status", status)
    }
    if moment.hasAliases {
      set("cognito:email_alias", "")
      set("cognito:phone_number_alias", "")
    }
    if moment.isByPhone {
      set("phone_number", user.phoneNumber)
      if moment.tellsVerified { set("phone_number_verified", "\(isVerified)") }
    } else {
      set("name", "User \(user.number)")
      set("email", user.email)
      if moment.tellsVerified { set("email_verified", "\(isVerified)") }
    }
    if let provider = options.provider, moment.hasSub {
      set("identities", Self.identities(of: user, provider))
    }
    for (name, value) in options.attributes { set(name, value) }
  }

  private mutating func set(_ name: String, _ value: String) {
    members.removeAll { $0.name == name }
    members.append((name, value))
  }

  /// JSON in a string, as Cognito has it.
  private static func identities(of user: SampleUser, _ provider: String) -> String {
    var json = JSONWriter()
    json.array { json in
      json.object { json in
        json.member("userId", user.subject)
        json.member("providerName", provider)
        json.member("providerType", providerType(provider))
        json.member("issuer", JSONValue.null)
        json.member("primary", true)
        json.member("dateCreated", 1_718_000_000_123)
      }
    }
    return String(decoding: json.finished(), as: UTF8.self)
  }

  /// Source: Amazon Cognito user pools API reference, `IdentityProviderType`. Any other name is one that a team chose.
  static func providerType(_ provider: String) -> String {
    ["Google", "Facebook", "LoginWithAmazon", "SignInWithApple"].contains(provider)
      ? provider : "OIDC"
  }
}

extension SampleAttributes: JSONWritable {
  func write(to json: inout JSONWriter) {
    json.object { json in
      for (name, value) in members { json.member(name, value) }
    }
  }
}
