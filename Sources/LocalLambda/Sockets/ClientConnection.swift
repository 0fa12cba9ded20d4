import Clock
import Glibc

/// The server's side of one connection.
final class ClientConnection {
  let descriptor: Int32
  private var parser: ServedRequestParser
  private(set) var isClosed = false

  /// - Parameter bodyLimit: in bytes; of a longer request only the length is kept.
  init(descriptor: Int32, bodyLimit: Int) {
    self.descriptor = descriptor
    parser = ServedRequestParser(bodyLimit: bodyLimit)
    var yes: Int32 = 1
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
  }

  deinit { close() }

  func close() {
    guard !isClosed else { return }
    isClosed = true
    Glibc.close(descriptor)
  }

  /// Ends the connection with a reset instead of an orderly end.
  func reset() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_LINGER, &linger,
      socklen_t(MemoryLayout.size(ofValue: linger)))
    close()
  }

  /// Reads what is there. - Returns: the requests that are whole with it.
  func receive() -> [ServedRequest] {
    var requests: [ServedRequest] = []
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 16) { chunk in
      while !isClosed {
        let count = recv(descriptor, chunk.baseAddress, chunk.count, 0)
        if count < 0, errno == EINTR { continue }
        if count < 0, errno == EAGAIN { return }
        guard count > 0 else { return close() }
        parser.append(chunk[..<count])
        do throws(ServedRequestParser.Failure) {
          while let request = try parser.next() { requests.append(request) }
        } catch {
          let status = error == .lengthMissing ? "411 Length Required" : "400 Bad Request"
          _ = send(
            Array("HTTP/1.1 \(status)\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".utf8))
          return close()
        }
        if parser.takeContinue() { _ = send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) }
      }
    }
    return requests
  }

  /// Sends all of `bytes`, waiting where the peer is slow.
  /// - Returns: whether all was taken; if not, the connection is closed.
  func send(_ bytes: [UInt8], until deadline: Deadline = .after(.seconds(10))) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty, !isClosed {
      let count = rest.withUnsafeBytes { bytes in
        Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
      }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        if !deadline.wait(for: .writing, on: descriptor) { close() }
      } else if errno != EINTR {
        close()
      }
    }
    return !isClosed
  }
}
