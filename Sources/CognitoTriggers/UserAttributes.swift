import FoundationEssentials

/// A user's attributes, as `request.userAttributes` holds them.
///
/// Tolerant: an attribute of an unexpected type is kept as it is, or read as absent where its type
/// matters, and never fails the event. No text holds a NUL character.
public struct UserAttributes: Sendable, Equatable {
  private var values: [String: JSONValue]

  public init(_ values: [String: JSONValue] = [:]) {
    self.values = values
  }

  /// The user's id within the pool; nil when absent (old events) or not a UUID.
  public var sub: UUID? { text("sub").flatMap { UUID(uuidString: $0) } }
  public var hasSub: Bool { values["sub"].map { $0 != .null } ?? false }
  public var email: String? { text("email") }
  public var isEmailVerified: Bool? { boolean("email_verified") }
  public var phoneNumber: String? { text("phone_number") }
  public var isPhoneNumberVerified: Bool? { boolean("phone_number_verified") }
  /// `CONFIRMED`, `EXTERNAL_PROVIDER` …
  public var status: String? { text("cognito:user_status") }

  /// The federated identities as JSON text: an array; nil when there are none that can be read.
  public var identitiesJSON: String? { identities?.withoutNUL.jsonText }

  /// All attributes without a member of their own here, as the text of a JSON object with the types
  /// they came with. Identities that could not be read stay in it as they came.
  public var othersJSON: String {
    var others = values.filter { !Self.namesWithMembers.contains($0.key) }
    if identities == nil, let raw = values["identities"] { others["identities"] = raw }
    return JSONValue.object(others).withoutNUL.jsonText ?? "{}"
  }

  private static let namesWithMembers: Set<String> = [
    "sub", "email", "email_verified", "phone_number", "phone_number_verified",
    "cognito:user_status", "identities",
  ]

  /// Cognito sends a string that holds JSON.
  private var identities: JSONValue? {
    switch values["identities"] {
    case .string(let json):
      guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(json.utf8)),
        case .array = value
      else { return nil }
      return value
    case .array(let array): return .array(array)
    default: return nil
    }
  }

  private func text(_ name: String) -> String? {
    switch values[name] {
    case .string(let string): string.isEmpty ? nil : string.withoutNUL
    case .number(let number): number.description
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
