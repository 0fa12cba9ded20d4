/// The id of a user pool, as AWS forms it: `REGION_ID`, like `eu-central-1_a1B2c3D4e`.
///
/// Source: Amazon Cognito user pools API reference, `UserPoolId`.
public struct UserPoolID: Sendable, Hashable, CustomStringConvertible {
  public let text: String
  /// Where the pool is: what stands before the underscore.
  public let region: String

  /// - Returns: nil when `text` is no such id.
  public init?(_ text: String) {
    let parts = text.split(separator: "_", omittingEmptySubsequences: false)
    guard parts.count == 2, text.utf8.count <= 55,
      // The region becomes part of a host's name.
      parts[0].utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") }),
      parts[1].utf8.allSatisfy(\.isASCIILetterOrDigit), parts.allSatisfy({ !$0.isEmpty })
    else { return nil }
    self.text = text
    region = String(parts[0])
  }

  public var description: String { text }
}

extension UInt8 {
  var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

  var isASCIILetterOrDigit: Bool {
    isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
  }
}
