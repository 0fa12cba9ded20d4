import Foundation
import Glibc

/// Something done in a thread of its own: `LocalRuntime` runs in the one that invokes.
final class Background<Value: Sendable>: @unchecked Sendable {
  private let done = DispatchSemaphore(value: 0)
  private var result: Result<Value, any Error>?

  init(_ body: @escaping @Sendable () throws -> Value) {
    Thread.detachNewThread {
      self.result = Result(catching: body)
      self.done.signal()
    }
  }

  /// What it ended with. To be asked for once.
  func value() throws -> Value {
    guard done.wait(timeout: .now() + 60) == .success, let result else {
      throw POSIXError(.ETIMEDOUT)
    }
    return try result.get()
  }
}

/// A runtime's side of one connection, byte by byte.
final class RuntimeClient {
  struct Response: Sendable {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    var body: [UInt8]
  }

  private let descriptor: Int32
  private var unread: [UInt8] = []

  /// - Parameter endpoint: `127.0.0.1:PORT`
  init(endpoint: String) throws {
    let port = endpoint.split(separator: ":").last.flatMap { UInt16($0) }
    guard let port else { throw POSIXError(.EINVAL) }
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    address.sin_port = port.bigEndian
    let code = withUnsafePointer(to: &address) { [descriptor] pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    // A response that never comes fails its test.
    var patience = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  func askForNext() throws {
    try send(Array("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
  }

  /// - Parameters:
  ///   - path: below `/2018-06-01/runtime/`.
  ///   - headers: whole lines.
  func post(_ body: [UInt8], to path: String, headers: [String] = []) throws {
    let lines =
      ["POST /2018-06-01/runtime/\(path) HTTP/1.1", "Content-Length: \(body.count)"] + headers
    try send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
  }

  func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
      rest = rest.dropFirst(count)
    }
  }

  /// Asks for an event and waits for it.
  func next() throws -> Response {
    try askForNext()
    return try response()
  }

  /// Posts `body` and waits for the status.
  func status(ofPosting body: [UInt8], to path: String, headers: [String] = []) throws -> Int {
    try post(body, to: path, headers: headers)
    return try response().status
  }

  private func response() throws -> Response {
    guard let response = try receive() else { throw POSIXError(.ECONNRESET) }
    return response
  }

  /// - Returns: nil when the server has ended the connection.
  func receive() throws -> Response? {
    while true {
      if let response = takeResponse() { return response }
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      let count = recv(descriptor, &chunk, chunk.count, 0)
      if count == 0 { return nil }
      guard count > 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
      unread += chunk[..<count]
    }
  }

  private func takeResponse() -> Response? {
    guard let end = Data(unread).range(of: Data("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: unread[..<end.lowerBound], as: UTF8.self)
      .components(separatedBy: "\r\n")
    let status = lines.first.flatMap { Int($0.dropFirst(9).prefix(3)) } ?? 0
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 {
        headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
      }
    }
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    guard unread.count >= end.upperBound + length else { return nil }
    let body = Array(unread[end.upperBound..<end.upperBound + length])
    unread.removeFirst(end.upperBound + length)
    return Response(status: status, headers: headers, body: body)
  }
}
