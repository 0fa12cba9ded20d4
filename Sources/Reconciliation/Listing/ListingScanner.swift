/// Finds the users in what `aws cognito-idp list-users --output json` prints, as its bytes come: whole
/// documents (`{"Users": […]}`) one after the other, an array of users, or one user after the other.
///
/// It looks at brackets and strings only; whether a user is one, its reader says. What is kept is the
/// user that is being read, of 1 MB at most. After something that is no JSON it goes on with the next
/// thing that can be told from it.
struct ListingScanner {
  enum Element: Equatable {
    /// The bytes of what should be a user.
    case user(ArraySlice<UInt8>, offset: Int64)
    case problem(String, offset: Int64)
  }

  /// What users are looked for in; the raw value is part of a position.
  enum Container: String {
    /// The content itself: documents, arrays and users follow each other.
    case top = "t"
    case array = "a"
    /// The list `Users` of a document.
    case users = "u"

    /// How many brackets are open around an element.
    var depth: Int {
      switch self {
      case .top: 0
      case .array: 1
      case .users: 2
      }
    }
  }

  /// Cognito's largest user has some 250 kB, escaped to the utmost.
  static let userLimit = 1 << 20

  var bytes: [UInt8] = []
  /// The next byte to look at.
  var index = 0
  /// Of the first byte of `bytes` in the content.
  var base: Int64
  var container: Container
  /// How many brackets are open.
  var depth: Int
  var isInString = false
  /// Where the element begins that is being read.
  var start: Int?
  /// Where a string begins that may be a document's key.
  var keyStart: Int?
  /// The last string of a document that stands beside `Users`.
  var key: DocumentKey?
  /// Whether the object that is open at the top is known to be a document.
  var isInDocument: Bool
  /// Set while the rest of something that is no element is passed over.
  var isLost = false
  /// Set once something was open that was never closed.
  var hasGap = false
  var hasToken = false
  /// Whether the last document ended with a token for more.
  private(set) var endsWithToken = false

  enum DocumentKey { case users, token, other }

  /// - Parameter offset: where the content goes on that will be given.
  init(at offset: Int64 = 0, in container: Container = .top) {
    base = offset
    self.container = container
    depth = container.depth
    isInDocument = container == .users
  }

  /// Where the next element would begin; to be asked after one was given.
  var offset: Int64 { base + Int64(start ?? index) }

  /// Whether the content may end here, and held all that it began with.
  var isWhole: Bool { depth == 0 && !isInString && !hasGap }

  mutating func append(_ chunk: [UInt8]) {
    let kept = min(start ?? index, keyStart ?? index)
    base += Int64(kept)
    bytes.removeFirst(kept)
    index -= kept
    start = start.map { $0 - kept }
    keyStart = keyStart.map { $0 - kept }
    bytes += chunk
  }

  /// - Returns: nil when more bytes are needed.
  mutating func next() -> Element? {
    while index < bytes.count {
      if isInString {
        guard skipString() else { break }
        continue
      }
      let element = depth == container.depth ? stepBetweenElements() : stepInElement()
      if let element { return element }
    }
    guard let start, index - start > Self.userLimit else { return nil }
    return abandon("longer than 1 MB", from: start)
  }

  /// Gives up what is open: the content goes on with something else.
  mutating func abandon(_ problem: String, from start: Int) -> Element {
    let offset = base + Int64(start)
    self.start = nil
    keyStart = nil
    container = .top
    depth = 0
    isInString = false
    isInDocument = false
    isLost = true
    hasGap = true
    return .problem(problem, offset: offset)
  }

  mutating func endDocument() {
    endsWithToken = hasToken
    hasToken = false
    isInDocument = false
  }
}
