import Glibc

/// The name of an object's member: equal to another only where both are the same characters.
///
/// Not `String`: to Swift, texts are equal that Unicode calls equivalent, such as `é` as one scalar or as two.
/// To JSON and to PostgreSQL's `jsonb` these are two keys.
public struct JSONKey: Sendable, Hashable {
  /// The name, with its escapes resolved.
  public let text: String

  /// - Parameter text: the name, with its escapes resolved.
  public init(_ text: String) {
    self.text = text
  }

  public static func == (left: JSONKey, right: JSONKey) -> Bool {
    guard left.text.utf8.count == right.text.utf8.count else { return false }
    return withBytes(of: left, right) { left, right in
      // Without one both are empty.
      guard let leftStart = left.baseAddress, let rightStart = right.baseAddress else {
        return true
      }
      return memcmp(leftStart, rightStart, left.count) == 0
    } ?? left.text.utf8.elementsEqual(right.text.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }

  /// Nil where a text is not stored as UTF-8 in one piece; on Linux every text is.
  ///
  /// Comparing byte by byte through the view made reading an event take half as long again.
  fileprivate static func withBytes(
    of left: JSONKey, _ right: JSONKey,
    _ compare: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Bool
  ) -> Bool? {
    let result = left.text.utf8.withContiguousStorageIfAvailable { left in
      right.text.utf8.withContiguousStorageIfAvailable { right in compare(left, right) }
    }
    return result ?? nil
  }
}

extension JSONKey: Comparable {
  /// In the order of the bytes.
  public static func < (left: JSONKey, right: JSONKey) -> Bool {
    withBytes(of: left, right) { $0.lexicographicallyPrecedes($1) }
      ?? left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }
}

extension JSONKey: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) { self.init(text) }
}

extension JSONKey: CustomStringConvertible {
  public var description: String { text }
}
