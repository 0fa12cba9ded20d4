import LambdaRuntime
import Settings

/// Who may sign up, as the settings say.
struct SignUpPolicy: Sendable, Equatable {
  /// `SIGN_UP_ALLOWED_EMAIL_DOMAINS` and `SIGN_UP_BLOCKED_EMAIL_DOMAINS`.
  var emailDomains = EmailDomainRule()
  /// `SIGN_UP_POLICY`: whether the database is asked about those whom the lists let in.
  var asksDatabase = false
  /// Whether it is for users whom an administrator creates, too.
  var isForAdminCreated = false
  /// What a policy is worth that could not be asked: no, unless somebody says otherwise.
  var onFailure = FailurePolicy.fail
  /// What somebody reads who may not sign up: the same, whatever the reason.
  var refusedMessage: UserMessage = "You cannot sign up here with this account"

  /// Whether anybody may be refused.
  var isOn: Bool { emailDomains.isSet || asksDatabase }

  init() {}

  init(_ environment: Environment) throws(SettingError) {
    emailDomains.allowed = try environment.domains("SIGN_UP_ALLOWED_EMAIL_DOMAINS")
    emailDomains.blocked = try environment.domains("SIGN_UP_BLOCKED_EMAIL_DOMAINS") ?? []
    asksDatabase = try environment.choice("SIGN_UP_POLICY", of: Decider.self) == .database
    isForAdminCreated =
      try environment.choice("SIGN_UP_ADMIN_CREATED", of: AdminCreated.self) == .apply
    if let policy = try environment.choice("SIGN_UP_ON_FAILURE", of: FailurePolicy.self) {
      onFailure = policy
    }
    if let message = try environment.value(
      "SIGN_UP_REFUSED_MESSAGE",
      "must be a sentence of at most \(UserMessage.settingLimit) characters in one line, without < and >",
      UserMessage.init(setting:))
    {
      refusedMessage = message
    }
  }
}

/// Who decides beside the lists.
private enum Decider: String, CaseIterable {
  case none, database
}

/// Whether the policy is for users whom an administrator creates.
private enum AdminCreated: String, CaseIterable {
  case exempt, apply
}

/// What is done before a user signs up.
struct SignUpWork: Sendable, Equatable {
  /// Whether the policy is asked.
  var isDecided = false
  /// Whether who comes through a provider is linked to the native user with the same address, if they may sign up.
  var isLinked = false
}

extension Environment {
  fileprivate func domains(_ name: String) throws(SettingError) -> [DomainPattern]? {
    let rule =
      "must be domains, separated by commas, each with *. before it where its subdomains are meant"
    guard let texts = try list(name, rule) else { return nil }
    let domains = texts.compactMap { DomainPattern($0) }
    guard domains.count == texts.count else { throw SettingError(name, rule) }
    return domains
  }
}
