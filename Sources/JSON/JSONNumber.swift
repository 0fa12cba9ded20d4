/// A JSON number as its text: no binary or decimal type holds every one, and whoever only passes numbers on
/// needs none.
///
/// The text is a number by RFC 8259, section 6, of a size that PostgreSQL's `jsonb` takes. Two are
/// equal when their texts are: `1` and `1.0` are not.
public struct JSONNumber: Sendable, Hashable {
  /// More than any number in use needs.
  static let lengthLimit = 100
  /// PostgreSQL's `numeric` ends at 131,072 digits before the point and 16,383 behind it.
  static let exponentLimit = 1000

  /// As it came, in ASCII.
  public let text: String

  /// - Returns: nil when `text` is not a JSON number, has more than 100 characters, or an exponent
  ///   beyond ±1000.
  public init?(_ text: String) {
    guard let value = try? JSONValue(parsing: Array(text.utf8)), case .number(let number) = value,
      // White space around it is JSON, but no number.
      number.text == text
    else { return nil }
    self = number
  }

  /// A whole number, without a fraction or an exponent.
  public init(_ integer: Int) {
    text = integer.description
  }

  /// - Parameter value: is rounded to the thousandth, with no more decimals than it needs: `12`, `1.5`, `0.042`.
  ///   JSON has neither infinities nor NaN: each becomes 0.
  public init(toThousandth value: Double) {
    guard value.isFinite else {
      text = "0"
      return
    }
    let rounded = (value * 1000).rounded() / 1000
    text = Int(exactly: rounded)?.description ?? rounded.description
  }

  /// - Parameters:
  ///   - digits: the text of a number, already checked.
  ///   - exponent: what follows its `e` or `E`, with its sign; empty where there is none.
  init?(checked digits: ArraySlice<UInt8>, exponent: ArraySlice<UInt8>) {
    guard digits.count <= Self.lengthLimit else { return nil }
    if !exponent.isEmpty {
      // Nil is beyond Int, and so beyond the limit.
      guard let value = Int(String(decoding: exponent, as: UTF8.self)),
        value.magnitude <= Self.exponentLimit
      else { return nil }
    }
    text = String(decoding: digits, as: UTF8.self)
  }
}

extension JSONNumber: JSONWritable {
  public func write(to json: inout JSONWriter) { json.raw(text) }
}

extension JSONNumber: CustomStringConvertible {
  public var description: String { text }
}

extension JSONNumber: ExpressibleByIntegerLiteral {
  public init(integerLiteral integer: Int) { self.init(integer) }
}
