/// An HTTP request as it was received.
public struct ServedRequest: Sendable, Equatable {
  /// As `GET`.
  public var method: String
  /// As it was sent, query included.
  public var path: String
  /// Names in lower case.
  public var headers: [String: String]
  /// Empty where there is none, and where it was longer than is taken.
  public var body: [UInt8]
  /// Of the body that was sent, in bytes.
  public var bodyLength: Int

  /// A request with this body.
  init(method: String, path: String, headers: [String: String] = [:], body: [UInt8] = []) {
    (self.method, self.path, self.headers, self.body) = (method, path, headers, body)
    bodyLength = body.count
  }

  /// The path without its query.
  var pathWithoutQuery: Substring { path.prefix { $0 != "?" } }

  /// Whether the client wants no further answer on its connection.
  var endsConnection: Bool { headers["connection"]?.lowercased() == "close" }
}

/// Takes requests out of a stream of bytes, piece by piece.
struct ServedRequestParser {
  enum Failure: Error {
    case malformed
    /// A body in chunks, which no client of ours sends.
    case lengthMissing
  }

  /// More than the head of any request has.
  static let headLimit = 1 << 16

  private let bodyLimit: Int
  private var buffer: [UInt8] = []
  private var head: ServedRequest?
  /// What is still to come of a body that is dropped.
  private var droppable = 0

  /// Whether the head of a request that asks for `100 Continue` has come, nothing of its body, and no answer yet.
  private var wantsContinue = false

  /// - Parameter bodyLimit: in bytes; a longer body is read and dropped, so that its sender gets an answer.
  init(bodyLimit: Int = .max) {
    self.bodyLimit = bodyLimit
  }

  mutating func append(_ bytes: some Collection<UInt8>) {
    buffer.append(contentsOf: bytes)
  }

  /// - Returns: nil until a whole request is there.
  mutating func next() throws(Failure) -> ServedRequest? {
    if head == nil { try parseHead() }
    guard var request = head else { return nil }
    if request.bodyLength > bodyLimit {
      let count = min(buffer.count, droppable)
      buffer.removeFirst(count)
      droppable -= count
      guard droppable == 0 else { return nil }
    } else {
      guard buffer.count >= request.bodyLength else { return nil }
      request.body = Array(buffer.prefix(request.bodyLength))
      buffer.removeFirst(request.bodyLength)
    }
    head = nil
    return request
  }

  /// - Returns: whether the client is to be told `100 Continue` now: once for a request, and not where it has not waited.
  mutating func takeContinue() -> Bool {
    defer { wantsContinue = false }
    return wantsContinue
  }

  private mutating func parseHead() throws(Failure) {
    let end = Array("\r\n\r\n".utf8)
    guard
      let start = buffer.indices.first(where: { buffer[$0...].starts(with: end) })
    else {
      if buffer.count > Self.headLimit { throw .malformed }
      return
    }
    let lines = String(decoding: buffer[..<start], as: UTF8.self)
      .split(separator: "\r\n", omittingEmptySubsequences: false)
    buffer.removeFirst(start + end.count)
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count == 3 else { throw .malformed }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { throw .malformed }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      headers[line[..<colon].lowercased()] = String(value)
    }
    if headers["transfer-encoding"] != nil { throw .lengthMissing }
    guard let length = Int(headers["content-length"] ?? "0"), length >= 0 else { throw .malformed }
    wantsContinue =
      headers["expect"]?.lowercased() == "100-continue" && length > 0 && buffer.isEmpty
    var request = ServedRequest(
      method: String(words[0]), path: String(words[1]), headers: headers)
    request.bodyLength = length
    droppable = length
    head = request
  }
}
