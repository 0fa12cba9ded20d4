import JSON

/// The id of a user pool, as AWS forms it: `REGION_ID`, like `eu-central-1_a1B2c3D4e`.
///
/// Source: Amazon Cognito user pools API reference, `UserPoolId`: 1 to 55 characters, by the pattern
/// `[\w-]+_[0-9a-zA-Z]+`.
public struct UserPoolID: Sendable, Hashable, CustomStringConvertible {
  /// In bytes, all of them ASCII characters.
  public static let lengthLimit = 55

  /// The whole id.
  public let text: String
  /// Where the pool is asked about. By its id that is what stands before the last underscore: its primary region.
  /// Emulators put other words there.
  public let region: String

  /// - Returns: nil when `text` is no such id.
  public init?(_ text: String) {
    let underscore = UInt8(ascii: "_")
    guard text.utf8.count <= Self.lengthLimit, let end = text.utf8.lastIndex(of: underscore),
      end != text.startIndex, text.utf8.index(after: end) != text.endIndex,
      // The region becomes part of a host's name.
      text.utf8[..<end].allSatisfy({
        $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") || $0 == underscore
      }),
      text.utf8[end...].dropFirst().allSatisfy(\.isASCIILetterOrDigit)
    else { return nil }
    self.text = text
    region = String(text[..<end])
  }

  public var description: String { text }

  private init(_ text: String, region: String) {
    self.text = text
    self.region = region
  }

  /// The same pool, to be asked about in `region`, which may have a replica of it.
  public func served(in region: String) -> UserPoolID { UserPoolID(text, region: region) }

  /// What the id begins with.
  public var primaryRegion: String { text.split(separator: "_").dropLast().joined(separator: "_") }
}
