import Foundation

/// A TCP server on loopback; each connection is served in a thread of its own, until `serve` returns.
public final class StandInServer: Sendable {
  public let port: Int
  private let listener: Int32

  /// - Parameter serve: gets the connection's descriptor, which is closed after it.
  public init(serve: @escaping @Sendable (Int32) -> Void) throws {
    let (listener, port) = try TCPRelay.listen()
    self.listener = listener
    self.port = port
    let thread = Thread {
      while true {
        let client = accept(listener, nil, nil)
        // Shut down by `deinit`.
        guard client >= 0 else { break }
        _ = fcntl(client, F_SETFD, FD_CLOEXEC)
        Thread {
          serve(client)
          close(client)
        }.start()
      }
      close(listener)
    }
    thread.start()
  }

  /// Wakes the thread that accepts; that closes the socket.
  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  /// Reads exactly `count` bytes. - Returns: nil when the client has gone before.
  public static func read(_ count: Int, from descriptor: Int32) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let added = bytes.withUnsafeMutableBytes { buffer in
        recv(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, 0)
      }
      guard added > 0 else { return nil }
      filled += added
    }
    return bytes
  }

  public static func send(_ bytes: [UInt8], to descriptor: Int32) {
    _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }
}
