import CognitoAPI
import JSON

/// Reads the users of a listing as its bytes come: what `aws cognito-idp list-users --output json` prints (one
/// document or several), an array of users, or one user after the other.
///
/// Strict: anything else is one error, with the byte that it begins at. What is kept is the user that is being
/// read, of 1 MB at most; a document is never held.
struct ListingReader {
  /// What users are looked for in; the raw value is part of a position.
  enum Container: String {
    /// The content itself: documents, arrays and users follow each other.
    case top = "t"
    case array = "a"
    /// The list `Users` of a document.
    case users = "u"
    /// The same, where a token for the next page stood before it.
    case usersOfPart = "p"
  }

  /// A user, or why it is none, and where it begins.
  struct Element {
    var user: Result<CognitoUser, MalformedUser>
    var offset: Int64
  }

  /// What may come next between elements.
  private enum Expected {
    case elementOrEnd, element, commaOrEnd
  }

  /// Cognito's largest user has some 250 kB, escaped to the utmost.
  static let userLimit = 1 << 20

  private var bytes: [UInt8] = []
  /// The next byte to look at.
  private var index = 0
  /// Of the first byte of `bytes` in the content.
  private var base: Int64
  private(set) var container: Container
  private var expected = Expected.elementOrEnd
  /// What is open: an object, or what follows the list of a document.
  private var open: OpenObject?
  /// Whether a user, or a list of users, has been met.
  private var hasListed = false
  /// Whether the last document ended with a token for more.
  private(set) var endsWithToken = false

  /// - Parameters:
  ///   - offset: where the content begins that will be given.
  ///   - container: other than `top`, it begins behind an element.
  init(at offset: Int64 = 0, in container: Container = .top) {
    base = offset
    self.container = container
    if container != .top { expected = .commaOrEnd }
    hasListed = offset > 0
  }

  /// Where the content goes on behind the last element.
  var offset: Int64 { base + Int64(open?.start ?? index) }

  /// Whether the content may end here.
  var isWhole: Bool { open == nil && container == .top }

  mutating func append(_ chunk: [UInt8]) {
    let kept = open?.start ?? index
    base += Int64(kept)
    bytes.removeFirst(kept)
    index -= kept
    open?.move(by: kept)
    bytes += chunk
  }

  /// - Returns: nil when more bytes are needed.
  mutating func next() throws(ListingError) -> Element? {
    while true {
      if open == nil {
        guard let byte = nextByte() else { return nil }
        try take(byte)
        continue
      }
      switch open?.scan(bytes, from: &index) {
      case .end(let range, isTail: false)?:
        open = nil
        return try element(in: range)
      case .end(let range, isTail: true)?:
        open = nil
        try endDocument(in: range)
      case .listOfUsers(let range)?:
        open = nil
        try beginUsers(behind: range)
      case .malformed(let at, let hint)?:
        throw malformed(at: at, hint: hint ?? hintOfBeginning)
      case .more?, nil: return nil
      }
    }
  }

  // MARK: Between elements

  /// The next byte that is no white space; it is not taken yet.
  private mutating func nextByte() -> UInt8? {
    while index < bytes.count {
      let byte = bytes[index]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
      index += 1
    }
    return nil
  }

  private mutating func take(_ byte: UInt8) throws(ListingError) {
    switch (byte, container, expected) {
    case (UInt8(ascii: "{"), .top, _):
      open = OpenObject(start: index, mayBeDocument: true)
    case (UInt8(ascii: "["), .top, _):
      container = .array
      expected = .elementOrEnd
      hasListed = true
    case (UInt8(ascii: "{"), _, .element), (UInt8(ascii: "{"), _, .elementOrEnd):
      open = OpenObject(start: index, mayBeDocument: false)
    case (UInt8(ascii: ","), .array, .commaOrEnd), (UInt8(ascii: ","), .users, .commaOrEnd),
      (UInt8(ascii: ","), .usersOfPart, .commaOrEnd):
      expected = .element
    case (UInt8(ascii: "]"), .array, .commaOrEnd), (UInt8(ascii: "]"), .array, .elementOrEnd):
      container = .top
    case (UInt8(ascii: "]"), .users, .commaOrEnd), (UInt8(ascii: "]"), .users, .elementOrEnd),
      (UInt8(ascii: "]"), .usersOfPart, .commaOrEnd),
      (UInt8(ascii: "]"), .usersOfPart, .elementOrEnd):
      open = OpenObject(tailFrom: index)
    default:
      throw malformed(at: index, hint: hintOfBeginning)
    }
    index += 1
  }

  // MARK: What an object turned out to be

  private mutating func element(in range: Range<Int>) throws(ListingError) -> Element {
    let start = range.lowerBound
    let object = Array(bytes[range])
    let user: Result<CognitoUser, MalformedUser> = try read(object, from: start) {
      reader throws(JSONError) in
      try CognitoUser.read(&reader)
    }
    // Before the first user or list: that is no listing at all. Behind one it is a user that cannot be read.
    if !hasListed, case .failure(.member("Username")) = user,
      let members = (try? JSONValue(parsing: object))?.object, members["Username"] == nil
    {
      // Neither a user nor a document with users.
      throw malformed(at: start, hint: members["UserPool"] == nil ? nil : .userPool)
    }
    hasListed = true
    expected = .commaOrEnd
    return Element(user: user, offset: base + Int64(start))
  }

  /// - Parameter range: of a document up to the bracket that opens its list of users, that included.
  private mutating func beginUsers(behind range: Range<Int>) throws(ListingError) {
    let head = try document(Array(bytes[range]) + Array("]}".utf8), from: range.lowerBound)
    container = head.hasToken ? .usersOfPart : .users
    expected = .elementOrEnd
    hasListed = true
  }

  /// - Parameter range: of a document from the bracket that closes its list of users to the document's end.
  private mutating func endDocument(in range: Range<Int>) throws(ListingError) {
    let head = Array(#"{"Users":["#.utf8)
    let tail = try document(head + bytes[range], from: range.lowerBound, behind: head.count)
    // Of two lists only the last would count, and the first is in the table already.
    guard tail.lists == 1 else { throw malformed(at: range.lowerBound, hint: nil) }
    endsWithToken = tail.hasToken || container == .usersOfPart
    container = .top
  }

  private func document(
    _ object: [UInt8], from start: Int, behind added: Int = 0
  ) throws(ListingError) -> (hasToken: Bool, lists: Int) {
    try read(object, from: start, behind: added) { (reader) throws(JSONError) in
      var (hasToken, lists) = (false, 0)
      try reader.members { (reader, key) throws(JSONError) in
        let value = try reader.value()
        switch key {
        case "PaginationToken", "NextToken": hasToken = value != .null && value != .string("")
        case "Users": lists += 1
        default: break
        }
      }
      return (hasToken, lists)
    }
  }

  /// - Parameters:
  ///   - start: where `object` begins in `bytes`.
  ///   - added: how many bytes at its beginning are not the content's.
  private func read<Value>(
    _ object: [UInt8], from start: Int, behind added: Int = 0,
    _ body: (inout JSONReader) throws(JSONError) -> Value
  ) throws(ListingError) -> Value {
    var at = 0
    do {
      var reader = try JSONReader(object)
      defer { at = reader.index }
      let value = try body(&reader)
      try reader.end()
      return value
    } catch {
      throw malformed(at: start + max(0, at - added), hint: nil)
    }
  }

  /// What the content is shows at its beginning.
  private var hintOfBeginning: ListingHint? {
    base == 0 && container == .top ? ListingHint(content: bytes) : nil
  }

  private func malformed(at place: Int, hint: ListingHint?) -> ListingError {
    .malformed(byte: base + Int64(place), hint: hint)
  }
}
