/// Finds where a JSON object ends, as its bytes come; and whether it is a document with a list of users.
///
/// It looks at brackets and strings only; whether the object is valid is for its reader to say.
struct OpenObject {
  enum Step: Equatable {
    case more
    /// The whole of it; of a tail, from the list's bracket on.
    case end(Range<Int>, isTail: Bool)
    /// It is a document: from its start up to the bracket that opens `Users`, that included.
    case listOfUsers(Range<Int>)
    case tooLong
  }

  private static let users = Array("Users".utf8)

  /// Where it begins in the bytes.
  private(set) var start: Int
  let isTail: Bool
  private let mayBeDocument: Bool
  /// How many brackets are open: the first byte is looked at already.
  private var depth = 1
  private var isInString = false
  /// Of the last string directly in the object, without its quotation marks; a key, where a colon follows.
  private var string: Range<Int>?
  private var isKeyUsers = false

  init(start: Int, mayBeDocument: Bool) {
    self.start = start
    self.mayBeDocument = mayBeDocument
    isTail = false
  }

  /// The rest of a document, whose list of users ends at `start`.
  init(tailFrom start: Int) {
    self.start = start
    mayBeDocument = false
    isTail = true
  }

  /// The bytes before `start` are dropped.
  mutating func move(by count: Int) {
    start -= count
    string = string.map { ($0.lowerBound - count)..<($0.upperBound - count) }
  }

  /// - Parameter index: of the next byte to look at; moved behind what was looked at.
  mutating func scan(_ bytes: [UInt8], from index: inout Int) -> Step {
    let limit = min(bytes.count, start + ListingReader.userLimit)
    let step = bytes.withUnsafeBufferPointer { bytes in
      scan(UnsafeBufferPointer(rebasing: bytes[..<limit]), from: &index)
    }
    guard step == .more, limit < bytes.count else { return step }
    return .tooLong
  }

  private mutating func scan(_ bytes: UnsafeBufferPointer<UInt8>, from index: inout Int) -> Step {
    while index < bytes.count {
      if isInString {
        guard skipString(bytes, from: &index) else { return .more }
        continue
      }
      let at = index
      index += 1
      switch bytes[at] {
      case UInt8(ascii: "\""):
        isInString = true
        if depth == 1 { string = index..<index }
      case UInt8(ascii: ":") where depth == 1:
        isKeyUsers = string.map { bytes[$0].elementsEqual(Self.users) } ?? false
        string = nil
      case UInt8(ascii: ",") where depth == 1:
        isKeyUsers = false
        string = nil
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        if mayBeDocument, isKeyUsers, depth == 2, bytes[at] == UInt8(ascii: "[") {
          return .listOfUsers(start..<index)
        }
        string = nil
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        depth -= 1
        if depth == 0 { return .end(start..<index, isTail: isTail) }
      case 0x20:
        // Indentation is more than half of what AWS's command prints.
        while index + 8 <= bytes.count,
          UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: index, as: UInt64.self)
            == 0x2020_2020_2020_2020
        { index += 8 }
      default: break
      }
    }
    return .more
  }

  /// Goes behind the string's end. - Returns: false when more bytes are needed.
  private mutating func skipString(
    _ bytes: UnsafeBufferPointer<UInt8>, from index: inout Int
  ) -> Bool {
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        if depth == 1, let start = string?.lowerBound { string = start..<index }
        isInString = false
        index += 1
        return true
      case UInt8(ascii: "\\"):
        // With the character that it escapes, which may not be there yet.
        guard index + 1 < bytes.count else { return false }
        index += 2
      default: index += 1
      }
    }
    return false
  }
}
