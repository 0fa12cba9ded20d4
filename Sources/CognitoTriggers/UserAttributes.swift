import JSON

/// A user's attributes, as `request.userAttributes` holds them.
///
/// Tolerant: an attribute of an unexpected type never fails the event. Where its type matters it is
/// read as absent, and kept among the others as it came. No text holds a NUL character.
public struct UserAttributes: Sendable, Equatable {
  /// The longest e-mail address that is taken for one, in bytes of UTF-8.
  ///
  /// Mail systems end at 254, Cognito at 2,048 characters. PostgreSQL's index on the column ends at
  /// 2,704 bytes, and would refuse the whole user.
  static let emailLimit = 2048

  private let values: [String: JSONValue]
  private let identities: JSONValue?
  /// The status where it is said apart from the attributes, as in listings.
  public var listedStatus: String?

  public init(_ values: [String: JSONValue] = [:]) {
    self.init(read: JSONValue.object(values).withoutNUL.object ?? [:])
  }

  /// - Parameter values: as `JSONReader` reads them, without NUL characters.
  public init(read values: [String: JSONValue]) {
    self.values = values
    identities = Self.identities(in: values["identities"])
  }

  /// The user's id within the pool; nil when absent (old events) or not a UUID.
  public var sub: Sub? { text("sub").flatMap { Sub($0) } }
  public var hasSub: Bool { values["sub"].map { $0 != .null } ?? false }
  public var email: String? {
    text("email").flatMap { $0.utf8.count <= Self.emailLimit ? $0 : nil }
  }
  public var isEmailVerified: Bool? { boolean("email_verified") }
  public var phoneNumber: String? { text("phone_number") }
  public var isPhoneNumberVerified: Bool? { boolean("phone_number_verified") }
  /// `CONFIRMED`, `EXTERNAL_PROVIDER` …
  public var status: String? { listedStatus ?? text("cognito:user_status") }

  /// Any attribute, by its full name, where it is a text or a number.
  public func text(of name: String) -> String? { text(name) }

  /// The federated identities as JSON text: an array; nil when there are none that can be read.
  public var identitiesJSON: String? { identities?.jsonText }

  /// All attributes without a member of their own here, as the text of a JSON object with the types
  /// they came with. Those that have one and could not be read stay in it as they came.
  public var othersJSON: String {
    var others: [(key: String, value: JSONValue)] = []
    for attribute in values where !isRead(attribute.key) { others.append(attribute) }
    return JSONValue.jsonText(ofObject: &others)
  }

  /// Whether this attribute has a member of its own that says all there is to say of it.
  private func isRead(_ name: String) -> Bool {
    switch name {
    // Without one that can be read there is no row.
    case "sub": true
    case "email": email != nil || isEmpty(name)
    case "email_verified": isEmailVerified != nil || isEmpty(name)
    case "phone_number": phoneNumber != nil || isEmpty(name)
    case "phone_number_verified": isPhoneNumberVerified != nil || isEmpty(name)
    case "cognito:user_status": status != nil || isEmpty(name)
    case "identities": identities != nil
    default: false
    }
  }

  private func isEmpty(_ name: String) -> Bool {
    values[name] == .null || values[name] == .string("")
  }

  /// Cognito sends a string that holds JSON.
  private static func identities(in attribute: JSONValue?) -> JSONValue? {
    switch attribute {
    case .string(let json):
      guard let value = try? JSONValue(parsing: Array(json.utf8)), case .array = value
      else { return nil }
      return value
    case .array(let array): return .array(array)
    default: return nil
    }
  }

  private func text(_ name: String) -> String? {
    switch values[name] {
    case .string(let string): string.isEmpty ? nil : string
    case .number(let number): number.text
    default: nil
    }
  }

  private func boolean(_ name: String) -> Bool? {
    switch values[name] {
    case .boolean(let boolean): return boolean
    case .string(let string):
      switch string.lowercased() {
      case "true": return true
      case "false": return false
      default: return nil
      }
    default: return nil
    }
  }
}
