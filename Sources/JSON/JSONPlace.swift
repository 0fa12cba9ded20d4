/// Where in a JSON text a member is, or would be: for changing one without rewriting the rest.
public enum JSONPlace: Sendable, Equatable {
  /// The bytes of its value.
  case present(Range<Int>)
  /// It is missing. To add it, and the objects that are missing on the way to it, put `prefix`, its value and
  /// `suffix` in place of these bytes.
  case absent(Range<Int>, prefix: [UInt8], suffix: [UInt8])
  /// It cannot be added: something on the way to it is neither an object nor null.
  case obstructed

  /// Finds a member by the keys that lead to it from the outermost object. Of several members with the same key
  /// the last counts, as everywhere here.
  ///
  /// - Parameters:
  ///   - path: the keys, the outermost first.
  ///   - reader: at the beginning of the text.
  /// - Throws: when the text is malformed, wherever in it.
  public init(of path: [JSONKey], in reader: JSONReader) throws(JSONError) {
    var reader = reader
    self = try Self.find(path[...], &reader)
    try reader.end()
  }

  /// `text` with `value` here; nil where it cannot be.
  public func text(_ text: [UInt8], with value: [UInt8]) -> [UInt8]? {
    let (range, before, after): (Range<Int>, [UInt8], [UInt8])
    switch self {
    case .present(let place): (range, before, after) = (place, [], [])
    case .absent(let place, let prefix, let suffix):
      (range, before, after) = (place, prefix, suffix)
    case .obstructed: return nil
    }
    let parts = [
      text[..<range.lowerBound], before[...], value[...], after[...], text[range.upperBound...],
    ]
    // At once: what is secret in the text would otherwise be left behind in buffers that were too small.
    var whole: [UInt8] = []
    whole.reserveCapacity(parts.reduce(0) { $0 + $1.count })
    for part in parts { whole.append(contentsOf: part) }
    return whole
  }

  private static func find(
    _ path: ArraySlice<JSONKey>, _ reader: inout JSONReader
  ) throws(JSONError) -> JSONPlace {
    guard let key = path.first else { return .present(try reader.valueRange()) }
    let isObject = try reader.isAtObject()
    let start = reader.index
    guard isObject else {
      let isNull = reader.peek() == UInt8(ascii: "n")
      _ = try reader.value(isWanted: false)
      guard isNull else { return .obstructed }
      let (prefix, suffix) = member(path)
      return .absent(
        start..<reader.index, prefix: [UInt8(ascii: "{")] + prefix,
        suffix: suffix + [UInt8(ascii: "}")])
    }
    var place: JSONPlace?
    var isEmpty = true
    try reader.members { (reader, name) throws(JSONError) in
      isEmpty = false
      if name == key {
        place = try find(path.dropFirst(), &reader)
      } else {
        _ = try reader.value(isWanted: false)
      }
    }
    if let place { return place }
    let (prefix, suffix) = member(path)
    let position = start + 1
    return .absent(
      position..<position, prefix: prefix, suffix: isEmpty ? suffix : suffix + [UInt8(ascii: ",")])
  }

  /// What stands before and after the value of a member of that path.
  private static func member(_ path: ArraySlice<JSONKey>) -> (prefix: [UInt8], suffix: [UInt8]) {
    var prefix: [UInt8] = []
    for key in path {
      if !prefix.isEmpty { prefix.append(UInt8(ascii: "{")) }
      prefix.append(jsonString: key.text)
      prefix.append(UInt8(ascii: ":"))
    }
    return (prefix, Array(repeating: UInt8(ascii: "}"), count: path.count - 1))
  }
}
