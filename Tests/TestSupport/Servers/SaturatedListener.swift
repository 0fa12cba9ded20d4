import Foundation

/// A port that drops packets: its queue of connections is full, so that Linux answers no further SYN.
public final class SaturatedListener {
  private let listener: Int32
  private var fillers: [Int32] = []

  /// - Parameter address: of loopback.
  public init(port: Int, address: String = "127.0.0.1") throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    _ = fcntl(listener, F_SETFD, FD_CLOEXEC)
    var yes: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var target = TCPRelay.loopback(port: port)
    target.sin_addr.s_addr = inet_addr(address)
    let code = Self.with(&target) { bind(listener, $0, $1) }
    guard code == 0, listen(listener, 0) == 0 else {
      throw TestEnvironment.Missing(description: "no listener on \(address):\(port): \(errno)")
    }
    for _ in 0..<4 {
      let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      _ = fcntl(filler, F_SETFD, FD_CLOEXEC)
      _ = fcntl(filler, F_SETFL, O_NONBLOCK)
      _ = Self.with(&target) { connect(filler, $0, $1) }
      fillers.append(filler)
    }
  }

  deinit {
    for descriptor in fillers + [listener] { close(descriptor) }
  }

  private static func with(
    _ address: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
