import JSON

/// A JSON object of which every reader sees the same: one with a key twice is taken differently by different readers,
/// and is none, however deep the key stands.
enum UniqueJSON {
  enum Fault: Error {
    case malformed
    case duplicateKey
  }

  /// - Parameter bytes: a whole JSON text in UTF-8.
  /// - Returns: the members.
  static func object(_ bytes: [UInt8]) throws(Fault) -> [JSONKey: JSONValue] {
    var hasDuplicate = false
    do {
      var reader = try JSONReader(bytes)
      let value = try value(&reader, &hasDuplicate)
      try reader.end()
      if let object = value.object { return object }
    } catch {
      throw hasDuplicate ? .duplicateKey : .malformed
    }
    throw .malformed
  }

  private static func value(
    _ reader: inout JSONReader, _ hasDuplicate: inout Bool
  ) throws(JSONError) -> JSONValue {
    if try reader.isAtObject() {
      var object: [JSONKey: JSONValue] = [:]
      try reader.members { (reader, key) throws(JSONError) in
        guard object[key] == nil else {
          hasDuplicate = true
          throw .malformed
        }
        object[key] = try value(&reader, &hasDuplicate)
      }
      return .object(object)
    }
    if try reader.isAtArray() {
      var array: [JSONValue] = []
      try reader.elements { (reader) throws(JSONError) in
        array.append(try value(&reader, &hasDuplicate))
      }
      return .array(array)
    }
    return try reader.value()
  }
}

extension [JSONKey: JSONValue] {
  /// Whether a member is just this string, byte for byte: to `String`, texts are equal that Unicode calls equivalent.
  func has(_ key: JSONKey, _ string: String) -> Bool {
    self[key]?.string.map { JSONKey($0) == JSONKey(string) } ?? false
  }
}
