import Foundation
import Glibc

/// An HTTP server on loopback that plays a script: one step for each request, in order.
///
/// It takes one connection after the other, in a thread of its own, and goes with its last reference.
public final class ScriptedServer {
  /// What follows a request.
  public enum Step: Sendable {
    /// A whole response; its length is added to the headers.
    case answer(Int, headers: [String] = [], body: [UInt8] = [])
    /// These bytes, whatever they are.
    case raw(String)
    /// The connection's end, without an answer.
    case hangUp
    /// Nothing, until the client hangs up.
    case silence
  }

  public struct Request: Sendable {
    public var method: String
    public var path: String
    /// Names in lower case.
    public var headers: [String: String]
    public var body: [UInt8]
    /// Counts the connections, from 1.
    public var connection: Int

    /// `METHOD path`
    public var line: String { "\(method) \(path)" }
  }

  public let port: UInt16
  private let player: Player

  /// - Parameter steps: a request beyond them is answered with 500.
  public init(_ steps: [Step]) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, length) == 0 && listen(listener, 16) == 0
          && getsockname(listener, address, &length) == 0
      }
    }
    guard isListening else {
      let code = errno
      close(listener)
      throw POSIXError(.init(rawValue: code) ?? .EIO)
    }
    port = UInt16(bigEndian: address.sin_port)
    let player = Player(listener: listener, steps: steps)
    self.player = player
    Thread.detachNewThread { player.run() }
  }

  deinit { player.stop() }

  /// `HOST:PORT`
  public var endpoint: String { "127.0.0.1:\(port)" }

  /// The requests so far. Each is here before its step is played.
  public var requests: [Request] { player.requests }
}

/// The part of the server that its thread keeps.
private final class Player: @unchecked Sendable {
  private let listener: Int32
  private let steps: [ScriptedServer.Step]
  private let lock = NSLock()
  // Both under the lock.
  private var taken: [ScriptedServer.Request] = []
  private var client: Int32?

  init(listener: Int32, steps: [ScriptedServer.Step]) {
    self.listener = listener
    self.steps = steps
  }

  var requests: [ScriptedServer.Request] { lock.withLock { taken } }

  func stop() {
    lock.withLock {
      // Shut down, not closed: the thread that waits on them wakes up and closes them.
      shutdown(listener, Int32(SHUT_RDWR))
      if let client { shutdown(client, Int32(SHUT_RDWR)) }
    }
  }

  func run() {
    var connection = 0
    while true {
      let accepted = accept(listener, nil, nil)
      guard accepted >= 0 else { break }
      connection += 1
      lock.withLock { client = accepted }
      serve(accepted, connection)
      lock.withLock { client = nil }
      close(accepted)
    }
    close(listener)
  }

  private func serve(_ client: Int32, _ connection: Int) {
    while let request = receive(client, connection) {
      let step = lock.withLock {
        taken.append(request)
        return taken.count <= steps.count ? steps[taken.count - 1] : .answer(500)
      }
      switch step {
      case .answer(let status, let headers, let body):
        let lines = ["HTTP/1.1 \(status) Status", "Content-Length: \(body.count)"] + headers
        let head = lines.joined(separator: "\r\n") + "\r\n\r\n"
        guard send(Array(head.utf8) + body, to: client) else { return }
      case .raw(let text):
        guard send(Array(text.utf8), to: client) else { return }
      case .hangUp:
        return
      case .silence:
        break
      }
    }
  }

  private func send(_ bytes: [UInt8], to client: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// - Returns: nil when the client has hung up, or speaks no HTTP.
  private func receive(_ client: Int32, _ connection: Int) -> ScriptedServer.Request? {
    var data = Data()
    while true {
      if let request = parse(data, connection) { return request }
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      let count = recv(client, &chunk, chunk.count, 0)
      guard count > 0 else { return nil }
      data.append(contentsOf: chunk[..<count])
    }
  }

  private func parse(_ data: Data, _ connection: Int) -> ScriptedServer.Request? {
    guard let end = data.range(of: Data("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: data[..<end.lowerBound], as: UTF8.self)
      .components(separatedBy: "\r\n")
    let words = (lines.first ?? "").split(separator: " ").map(String.init)
    guard words.count == 3 else { return nil }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      headers[parts[0].lowercased()] =
        parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
    }
    let body = data[end.upperBound...]
    guard body.count >= headers["content-length"].flatMap({ Int($0) }) ?? 0 else { return nil }
    return ScriptedServer.Request(
      method: words[0], path: words[1], headers: headers, body: Array(body),
      connection: connection)
  }
}
