/// The full name of a custom attribute, as `custom:userId`.
///
/// Source: Amazon Cognito Developer Guide, "Working with user attributes": a name has 1 to 20 characters.
public struct CustomAttribute: Sendable, Equatable, CustomStringConvertible {
  private static let prefix = "custom:"
  private static let lengths = 1...20

  public let name: String

  /// What the template's user pool calls the id of a user's row.
  public static let userID = CustomAttribute(own: "userId")

  public var description: String { name }

  private init(own: String) {
    name = Self.prefix + own
  }

  /// - Returns: nil where `name` is none that a user pool could have.
  public init?(_ name: String) {
    let own = name.dropFirst(Self.prefix.count)
    guard name.hasPrefix(Self.prefix), Self.lengths.contains(own.count),
      !own.contains(where: \.isWhitespace)
    else { return nil }
    self.name = name
  }
}
