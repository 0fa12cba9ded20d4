/// A user's id within the pool, `sub`: a UUID, which Cognito gives once and never changes.
///
/// Not Foundation's type: loading it would cost every cold start more than all events together need.
public struct Sub: Hashable, Sendable {
  /// 8-4-4-4-12 hexadecimal digits in lower case.
  private let text: String

  /// - Parameter text: a UUID in its canonical form (RFC 9562, section 4), in any case; nil for any
  ///   other, PostgreSQL's other spellings included.
  public init?(_ text: String) {
    var text = text
    var hasUppercase = false
    let isUUID = text.withUTF8 { bytes in
      guard bytes.count == 36 else { return false }
      for (place, byte) in zip(0..., bytes) {
        let isHyphenPlace = place == 8 || place == 13 || place == 18 || place == 23
        guard (byte == UInt8(ascii: "-")) == isHyphenPlace else { return false }
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "a")...UInt8(ascii: "f"):
          continue
        case UInt8(ascii: "A")...UInt8(ascii: "F"): hasUppercase = true
        default: return false
        }
      }
      return true
    }
    guard isUUID else { return nil }
    self.text = hasUppercase ? text.lowercased() : text
  }
}

extension Sub: CustomStringConvertible {
  public var description: String { text }
}
