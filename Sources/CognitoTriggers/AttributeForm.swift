import JSON

/// Which values of attributes Cognito takes: for one that it does not it refuses the whole user.
///
/// - Source: Amazon Cognito Developer Guide, "Working with user attributes"; API reference, `AttributeType`.
public enum AttributeForm {
  /// The longest value, in characters.
  private static let limit = 2048

  /// - Parameters:
  ///   - text: not empty: who has no such attribute is sent without it.
  ///   - name: the attribute's full name, as `custom:plan`.
  public static func isTaken(_ text: String, as name: String) -> Bool {
    guard !text.isEmpty, text.unicodeScalars.count <= limit else { return false }
    switch name {
    case ContactAttribute.email.rawValue:
      let parts = text.split(separator: "@", omittingEmptySubsequences: false)
      return parts.count == 2 && !parts.contains("") && !text.contains(where: \.isWhitespace)
    // E.164.
    case ContactAttribute.phoneNumber.rawValue:
      return text.utf8.first == UInt8(ascii: "+") && (2...16).contains(text.utf8.count)
        && text.utf8.dropFirst().allSatisfy(\.isASCIIDigit)
    case ContactAttribute.email.flag, ContactAttribute.phoneNumber.flag:
      return text == "true" || text == "false"
    // YYYY-MM-DD.
    case "birthdate": return text.unicodeScalars.count == 10
    case "updated_at": return text.utf8.allSatisfy(\.isASCIIDigit)
    default: return true
    }
  }
}

/// An attribute by which a user is reached, and that a pool can verify. The raw value is its name.
public enum ContactAttribute: String, Sendable, CaseIterable {
  case email
  case phoneNumber = "phone_number"

  /// The attribute that says whether it is known to be the user's.
  public var flag: String {
    switch self {
    case .email: "email_verified"
    case .phoneNumber: "phone_number_verified"
    }
  }
}
