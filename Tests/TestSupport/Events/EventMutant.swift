/// An event on which changes are made one after the other.
struct EventMutant {
  private(set) var bytes: [UInt8]
  private(set) var history: [String] = []

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  // MARK: Changes after which it is most often no JSON any more

  mutating func changeBytes(_ random: inout SeededGenerator) {
    guard !bytes.isEmpty else { return }
    let index = Int.random(in: bytes.indices, using: &random)
    let end = Swift.min(bytes.count, index + Int.random(in: 1...40, using: &random))
    switch Int.random(in: 0..<10, using: &random) {
    case 0:
      note("bit flipped")
      bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1:
      note("byte replaced")
      bytes[index] = UInt8.random(in: 0...255, using: &random)
    case 2:
      note("bytes removed")
      bytes.removeSubrange(index..<end)
    case 3:
      note("bytes repeated")
      bytes.insert(contentsOf: bytes[index..<end], at: index)
    case 4:
      note("cut off")
      bytes.removeSubrange(index...)
    case 5:
      note("invalid UTF-8")
      bytes.insert(contentsOf: Self.invalidUTF8.randomElement(using: &random) ?? [], at: index)
    case 6:
      note("mark inserted")
      let mark = Self.marks.randomElement(using: &random) ?? ""
      bytes.insert(contentsOf: mark.utf8, at: index)
    case 7:
      note("brackets inserted")
      let bracket = Bool.random(using: &random) ? UInt8(ascii: "[") : UInt8(ascii: "{")
      bytes.insert(
        contentsOf: Array(repeating: bracket, count: Int.random(in: 1...2000, using: &random)),
        at: index)
    case 8:
      note("NUL inserted")
      bytes.insert(0, at: index)
    default: changeEncoding(&random)
    }
  }

  private mutating func changeEncoding(_ random: inout SeededGenerator) {
    switch Int.random(in: 0..<3, using: &random) {
    case 0:
      note("byte order mark")
      bytes = [0xEF, 0xBB, 0xBF] + bytes
    case 1:
      note("UTF-16 with a mark")
      bytes = [0xFF, 0xFE] + utf16
    default:
      note("UTF-16")
      bytes = utf16
    }
  }

  /// Little endian.
  private var utf16: [UInt8] {
    String(decoding: bytes, as: UTF8.self).utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
  }

  private static let invalidUTF8: [[UInt8]] = [
    [0x80], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
    [0xF0, 0x9F], [0xFE],
  ]
  private static let marks = [
    "\"", "\\", "\\u", "\\ud800", "\\u0000", "{", "}", "[", "]", ",", ":", "\u{1}", "\n", "-", "1e",
    "0x",
    "//", "\u{2028}", "NaN", "tru", "'", "{\"", "\":", "e999999", "\u{FEFF}",
  ]

  // MARK: Changes after which it is as good JSON as before

  mutating func changeContents(_ random: inout SeededGenerator) {
    let members = self.members
    guard let member = members.randomElement(using: &random) else { return }
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<6:
      let value = OddValue.random(&random)
      note("\(value.name) as a value")
      bytes.replaceSubrange(member.value, with: value.json)
    case 6:
      note("a key twice")
      let value = OddValue.random(&random)
      let twin = Array(bytes[member.key]) + [UInt8(ascii: ":")] + value.json
      bytes.insert(contentsOf: twin + [UInt8(ascii: ",")], at: member.key.lowerBound)
    case 7:
      note("an odd key")
      let key = OddValue.randomString(&random)
      bytes.replaceSubrange(member.key, with: key.json)
    case 8:
      note("a value moved")
      let other = members.randomElement(using: &random) ?? member
      bytes.replaceSubrange(member.value, with: Array(bytes[other.value]))
    default:
      note("a key moved")
      let other = members.randomElement(using: &random) ?? member
      bytes.replaceSubrange(member.key, with: Array(bytes[other.key]))
    }
  }

  /// Every key that is followed by a string, with its quotation marks, and that string.
  private var members: [(key: Range<Int>, value: Range<Int>)] {
    var strings: [Range<Int>] = []
    var start: Int?
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\\"): index += 1
      case UInt8(ascii: "\""):
        if let begin = start {
          strings.append(begin..<index + 1)
          start = nil
        } else {
          start = index
        }
      default: break
      }
      index += 1
    }
    return zip(strings, strings.dropFirst()).compactMap { key, value in
      let between = bytes[key.upperBound..<value.lowerBound].filter { $0 > UInt8(ascii: " ") }
      return between == [UInt8(ascii: ":")] ? (key, value) : nil
    }
  }

  private mutating func note(_ change: String) {
    history.append(change)
  }
}
