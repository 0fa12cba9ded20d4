/// Writes one JSON object; for log lines and error bodies, where no JSON library is needed.
struct JSONLine {
  private var bytes: [UInt8]

  init() {
    bytes = [UInt8(ascii: "{")]
    bytes.reserveCapacity(512)
  }

  mutating func append(key: String, string: String) {
    append(key: key)
    append(string: string)
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
      line.appendList(of: list) { $0.append(string: $1) }
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

  func finished() -> [UInt8] { bytes + [UInt8(ascii: "}")] }

  private mutating func append(key: String) {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    append(string: key)
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func append(string: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<0x20:
        bytes.append(contentsOf: "\\u00".utf8)
        bytes.append(hexDigit(byte >> 4))
        bytes.append(hexDigit(byte & 0xF))
      default:
        bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
