/// Who may sign up, by the domain of the e-mail address: what follows the last `@`.
struct EmailDomainRule: Sendable, Equatable {
  /// Nobody else may; nil: everybody may.
  var allowed: [DomainPattern]?
  /// Nobody of these may, whatever `allowed` says.
  var blocked: [DomainPattern] = []

  /// Whether there is anything to ask for.
  var isSet: Bool { allowed != nil || !blocked.isEmpty }

  /// - Parameter email: nil where there is none, as of a user who signs up with a phone number.
  /// - Returns: nil where nothing speaks against this address.
  func refusal(of email: String?) -> Refusal? {
    guard isSet else { return nil }
    guard let email else { return allowed == nil ? nil : .noAddress }
    // In front of the last one anything may stand in quotes, an @ as well.
    guard let at = email.utf8.lastIndex(of: UInt8(ascii: "@")),
      let domain = DomainName(email[email.utf8.index(after: at)...])
    else { return .noDomain }
    if blocked.contains(where: { $0.matches(domain) }) { return .blocked }
    if let allowed, !allowed.contains(where: { $0.matches(domain) }) { return .notAllowed }
    return nil
  }

  /// Why an address is refused, as the log says it.
  enum Refusal: String {
    case noAddress = "no address"
    /// It may be one of those that are blocked.
    case noDomain = "no domain"
    case blocked = "domain blocked"
    case notAllowed = "domain not allowed"
  }
}
