import JSON

/// Writes one JSON object, member by member in the given order; for log lines and error bodies.
struct JSONLine {
  private var bytes: [UInt8]

  init() {
    bytes = [UInt8(ascii: "{")]
    bytes.reserveCapacity(512)
  }

  mutating func append(key: String, string: String) {
    append(key: key)
    bytes.append(jsonString: string)
  }

  /// - Parameter raw: JSON text, which is not checked.
  mutating func append(key: String, raw: String) {
    append(key: key)
    bytes.append(contentsOf: raw.utf8)
  }

  mutating func append(key: String, object: JSONLine) {
    append(key: key)
    bytes += object.finished()
  }

  mutating func append(key: String, objects: [JSONLine]) {
    append(key: key)
    appendList(of: objects) { $0.bytes += $1.finished() }
  }

  /// A list of lists of strings.
  mutating func append(key: String, lists: [[String]]) {
    append(key: key)
    appendList(of: lists) { line, list in
      line.appendList(of: list) { $0.bytes.append(jsonString: $1) }
    }
  }

  private mutating func appendList<Element>(
    of elements: [Element], _ append: (inout JSONLine, Element) -> Void
  ) {
    bytes.append(UInt8(ascii: "["))
    for (index, element) in elements.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      append(&self, element)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  consuming func finished() -> [UInt8] {
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  private mutating func append(key: String) {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    bytes.append(jsonString: key)
    bytes.append(UInt8(ascii: ":"))
  }
}
