/// The full name of a custom attribute, as `custom:userId`.
///
/// Source: Amazon Cognito Developer Guide, "Working with user attributes": a name has 1 to 20 characters.
public struct CustomAttribute: Sendable, Equatable {
  private static let prefix = "custom:"
  private static let lengths = 1...20

  public let name: String

  /// - Returns: nil where `name` is none that a user pool could have.
  public init?(_ name: String) {
    let own = name.dropFirst(Self.prefix.count)
    guard name.hasPrefix(Self.prefix), Self.lengths.contains(own.count),
      !own.contains(where: \.isWhitespace)
    else { return nil }
    self.name = name
  }
}
