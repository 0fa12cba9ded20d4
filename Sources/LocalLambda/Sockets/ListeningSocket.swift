import Glibc

/// A TCP socket that listens on 127.0.0.1.
final class ListeningSocket {
  let descriptor: Int32
  let port: UInt16

  /// - Parameter port: 0 takes any free one.
  init(port: UInt16) throws(LocalRuntimeError) {
    let descriptor = socket(
      AF_INET,
      Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { throw .systemCall("socket", errno) }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard bind(descriptor, address, length) == 0, listen(descriptor, 128) == 0 else {
          return errno
        }
        return getsockname(descriptor, address, &length) == 0 ? 0 : errno
      }
    }
    self.descriptor = descriptor
    self.port = UInt16(bigEndian: address.sin_port)
    guard code == 0 else { throw .systemCall("bind", code) }
  }

  deinit { close(descriptor) }

  /// - Parameter bodyLimit: of the requests that are taken, in bytes.
  /// - Returns: nil when nobody waits to be accepted.
  func accept(bodyLimit: Int) -> ClientConnection? {
    let client = Glibc.accept(descriptor, nil, nil)
    guard client >= 0 else { return nil }
    _ = fcntl(client, F_SETFD, FD_CLOEXEC)
    _ = fcntl(client, F_SETFL, O_NONBLOCK)
    return ClientConnection(descriptor: client, bodyLimit: bodyLimit)
  }
}
