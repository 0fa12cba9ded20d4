/// The name of an object's member: equal to another only where both are the same characters.
///
/// Not `String`, which holds texts equal that Unicode does, as `é` in one character and in two: to JSON and
/// to PostgreSQL's `jsonb` these are two keys.
public struct JSONKey: Sendable, Hashable {
  public let text: String

  public init(_ text: String) {
    self.text = text
  }

  public static func == (left: JSONKey, right: JSONKey) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

extension JSONKey: Comparable {
  /// In the order of the bytes.
  public static func < (left: JSONKey, right: JSONKey) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }
}

extension JSONKey: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) { self.init(text) }
}

extension JSONKey: CustomStringConvertible {
  public var description: String { text }
}
