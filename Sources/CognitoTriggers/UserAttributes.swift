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

  private let values: [JSONKey: JSONValue]
  private let identities: JSONValue?

  /// The user's id within the pool; nil when absent (old events) or not a UUID.
  public let sub: Sub?
  /// Nil when absent, empty, or longer than an address that the table takes.
  public let email: String?
  /// Nil when absent, or neither true nor false. So below.
  public let isEmailVerified: Bool?
  /// Nil when absent or empty.
  public let phoneNumber: String?
  /// As `isEmailVerified`.
  public let isPhoneNumberVerified: Bool?
  /// The status where it is said apart from the attributes, as in listings.
  public var listedStatus: String?
  private let ownStatus: String?

  /// - Parameter values: as `JSONReader` reads them, without NUL characters.
  public init(_ values: [JSONKey: JSONValue] = [:]) {
    self.values = values
    sub = values["sub"]?.nonEmptyText.flatMap { Sub($0) }
    email = values["email"]?.nonEmptyText.flatMap { $0.utf8.count <= Self.emailLimit ? $0 : nil }
    isEmailVerified = values["email_verified"]?.spelledBoolean
    phoneNumber = values["phone_number"]?.nonEmptyText
    isPhoneNumberVerified = values["phone_number_verified"]?.spelledBoolean
    ownStatus = values["cognito:user_status"]?.nonEmptyText
    identities = values["identities"]?.arrayInAString
  }

  /// Whether there is a `sub`, one that can be read or not.
  public var hasSub: Bool { values["sub"].map { $0 != .null } ?? false }
  /// `CONFIRMED`, `EXTERNAL_PROVIDER` …
  public var status: String? { listedStatus ?? ownStatus }

  /// Any attribute, by its full name, where it is a text or a number.
  public func text(of name: String) -> String? { values[JSONKey(name)]?.nonEmptyText }

  /// The federated identities as JSON text: an array; nil when there are none that can be read.
  public var identitiesJSON: String? { identities?.jsonText }

  /// All attributes, as the text of a JSON object with the types they came with.
  public var allJSON: String {
    var all = values.map { (key: $0.key, value: $0.value) }
    return JSONValue.jsonText(ofObject: &all)
  }

  /// All attributes without a member of their own here, as the text of a JSON object with the types
  /// they came with. Those that have one and could not be read stay in it as they came.
  public var othersJSON: String {
    var others: [(key: JSONKey, value: JSONValue)] = []
    for (name, value) in values where !isRead(name, value) { others.append((name, value)) }
    return JSONValue.jsonText(ofObject: &others)
  }

  /// Whether this attribute has a member of its own that says all there is to say of it.
  private func isRead(_ name: JSONKey, _ value: JSONValue) -> Bool {
    switch name {
    // Without one that can be read there is no row.
    case "sub": true
    case "email": email != nil || value.isEmpty
    case "email_verified": isEmailVerified != nil || value.isEmpty
    case "phone_number": phoneNumber != nil || value.isEmpty
    case "phone_number_verified": isPhoneNumberVerified != nil || value.isEmpty
    case "cognito:user_status": status != nil || value.isEmpty
    case "identities": identities != nil
    default: false
    }
  }
}

extension JSONValue {
  /// The text of a string that has one, or of a number.
  fileprivate var nonEmptyText: String? {
    switch self {
    case .string(let string): string.isEmpty ? nil : string
    case .number(let number): number.text
    default: nil
    }
  }

  /// A boolean, or a string that spells one in any case: Cognito sends strings.
  fileprivate var spelledBoolean: Bool? {
    switch self {
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

  /// An array, or one that a string holds as JSON: Cognito sends strings.
  fileprivate var arrayInAString: JSONValue? {
    switch self {
    case .string(let json):
      guard let value = try? JSONValue(parsing: Array(json.utf8)), case .array = value
      else { return nil }
      return value
    case .array: return self
    default: return nil
    }
  }

  fileprivate var isEmpty: Bool { self == .null || self == .string("") }
}
