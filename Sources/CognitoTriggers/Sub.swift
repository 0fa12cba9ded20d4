/// A user's id within the pool, `sub`: a UUID, which Cognito gives once and never changes.
///
/// Not Foundation's type: loading it would cost every cold start more than all events together need.
public struct Sub: Hashable, Sendable {
  /// 8-4-4-4-12 hexadecimal digits in lower case.
  private let text: String

  /// - Parameter text: a UUID in its canonical form (RFC 9562, section 4), in any case; nil for any
  ///   other, PostgreSQL's other spellings included.
  public init?(_ text: String) {
    guard text.utf8.count == 36 else { return nil }
    for (index, byte) in text.utf8.enumerated() {
      switch (index, byte) {
      case (8, UInt8(ascii: "-")), (13, UInt8(ascii: "-")), (18, UInt8(ascii: "-")),
        (23, UInt8(ascii: "-")):
        continue
      case (8, _), (13, _), (18, _), (23, _): return nil
      case (_, UInt8(ascii: "0")...UInt8(ascii: "9")), (_, UInt8(ascii: "a")...UInt8(ascii: "f")),
        (_, UInt8(ascii: "A")...UInt8(ascii: "F")):
        continue
      default: return nil
      }
    }
    self.text = text.lowercased()
  }
}

extension Sub: CustomStringConvertible {
  public var description: String { text }
}
