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

  /// Cognito's largest user has some 250 kB with every character escaped.
  static let userLimit = 1 << 20
  /// What a document's tail is read behind.
  private static let documentStart = Array(#"{"Users":["#.utf8)

  private(set) var bytes: [UInt8] = []
  /// The next byte to look at.
  private var index = 0
  /// Of the first byte of `bytes` in the content.
  private var base: Int64
  private var container: Container
  private var expected = Expected.elementOrEnd
  /// What is open: an object, or what follows the list of a document.
  private var open: OpenObject?
  /// Whether a user, or a list of users, has been met.
  private var hasListed = false
  /// Whether the document that is being read, or else the last one, has a token for more.
  private var hasToken = false

  init() {
    base = 0
    container = .top
  }

  /// Goes on behind an element. - Returns: nil where `position` is no reader's.
  init?(at position: String) {
    guard let letter = position.first.map(String.init),
      let container = Container(rawValue: letter.lowercased()),
      let offset = Int64(position.dropFirst()), offset >= 0
    else { return nil }
    base = offset
    self.container = container
    hasToken = letter != container.rawValue
    if container != .top { expected = .commaOrEnd }
    hasListed = offset > 0
  }

  /// Where the content goes on behind the last element: the container, as a capital after a token, and the offset.
  var position: String {
    "\(hasToken ? container.rawValue.uppercased() : container.rawValue)\(offset)"
  }

  /// How much of the content is dealt with.
  var offset: Int64 { base + Int64(open?.start ?? index) }

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
      case .tooLong?:
        // It may have no end because of a byte that is wrong.
        try checkOpen()
        throw malformed(at: open?.start ?? index, hint: .tooLong)
      case .more?, nil: return nil
      }
    }
  }

  /// To be called when there are no more bytes.
  ///
  /// - Throws: where the content may not end here, or is a part by its own words.
  func finish() throws(ListingError) {
    try checkOpen()
    guard open == nil, container == .top else {
      throw .cutShort(detail: "it breaks off in the middle")
    }
    if hasToken { throw .cutShort(detail: "it ends with a token for the next page") }
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
    case (UInt8(ascii: ","), .array, .commaOrEnd), (UInt8(ascii: ","), .users, .commaOrEnd):
      expected = .element
    case (UInt8(ascii: "]"), .array, .commaOrEnd), (UInt8(ascii: "]"), .array, .elementOrEnd):
      container = .top
    case (UInt8(ascii: "]"), .users, .commaOrEnd), (UInt8(ascii: "]"), .users, .elementOrEnd):
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
    if !hasListed, case .failure = user,
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
    hasToken = head.hasToken
    container = .users
    expected = .elementOrEnd
    hasListed = true
  }

  /// - Parameter range: of a document from the bracket that closes its list of users to the document's end.
  private mutating func endDocument(in range: Range<Int>) throws(ListingError) {
    let head = Self.documentStart
    let tail = try document(head + bytes[range], from: range.lowerBound, behind: head.count)
    // Of two lists only the last would count, and the first is in the table already.
    guard tail.lists == 1 else { throw malformed(at: range.lowerBound, hint: nil) }
    hasToken = hasToken || tail.hasToken
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
        case "PaginationToken", "NextToken":
          hasToken = hasToken || (value != .null && value != .string(""))
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
    do {
      var reader = try JSONReader(object)
      let value = try body(&reader)
      try reader.end()
      return value
    } catch {
      try check(object, from: start, behind: added)
      throw malformed(at: start, hint: nil)
    }
  }

  /// - Throws: `malformed` when what is open can no longer become JSON.
  private func checkOpen() throws(ListingError) {
    guard let open else { return }
    let head = open.isTail ? Self.documentStart : []
    let part = bytes[open.start...].prefix(Self.userLimit)
    try check(head + part, from: open.start, behind: head.count)
  }

  private func check(
    _ object: [UInt8], from start: Int, behind added: Int
  ) throws(ListingError) {
    guard let fault = JSONFault(in: object) else { return }
    throw malformed(
      at: start + max(0, fault.offset - added), hint: fault.isUTF8 ? hintOfBeginning : .notUTF8)
  }

  /// What the content is shows at its beginning.
  private var hintOfBeginning: ListingHint? {
    base == 0 && container == .top ? ListingHint(content: bytes) : nil
  }

  private func malformed(at place: Int, hint: ListingHint?) -> ListingError {
    .malformed(byte: base + Int64(place), hint: hint)
  }
}
