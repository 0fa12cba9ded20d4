/// A request as a runtime sends it.
public struct RuntimeRequest: Sendable, Equatable {
  /// As `GET`.
  public var method: String
  /// As it was sent, query included.
  public var path: String
  /// Names in lower case.
  public var headers: [String: String]
  /// Empty where there is none.
  public var body: [UInt8]
}

/// Takes requests out of a stream of bytes, piece by piece.
struct RuntimeRequestParser {
  enum Failure: Error { case malformed }

  private var buffer: [UInt8] = []
  private var head: RuntimeRequest?
  private var bodyLength = 0

  /// Whether the head of a request that asks for `100 Continue` has come, and nothing of its body.
  private(set) var wantsContinue = false

  mutating func append(_ bytes: some Collection<UInt8>) {
    buffer.append(contentsOf: bytes)
  }

  /// - Returns: nil until a whole request is there.
  mutating func next() throws(Failure) -> RuntimeRequest? {
    if head == nil { try parseHead() }
    guard var request = head, buffer.count >= bodyLength else { return nil }
    request.body = Array(buffer.prefix(bodyLength))
    buffer.removeFirst(bodyLength)
    head = nil
    wantsContinue = false
    return request
  }

  private mutating func parseHead() throws(Failure) {
    let end = Array("\r\n\r\n".utf8)
    guard
      let start = buffer.indices.first(where: { buffer[$0...].starts(with: end) })
    else { return }
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
    guard let length = Int(headers["content-length"] ?? "0"), length >= 0 else { throw .malformed }
    bodyLength = length
    wantsContinue = headers["expect"]?.lowercased() == "100-continue"
    head = RuntimeRequest(
      method: String(words[0]), path: String(words[1]), headers: headers, body: [])
  }
}
