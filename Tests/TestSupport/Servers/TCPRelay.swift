import Foundation
import Synchronization

/// Stands between a client and a server on loopback, and plays the network's faults.
///
/// One thread moves the bytes; the settings may be changed at any time from another.
public final class TCPRelay: Sendable {
  public enum Behaviour: Sendable, Equatable {
    case forward
    /// Connections are accepted and bytes are taken, but nothing is passed on.
    case swallow
    /// Nothing is passed on until the behaviour changes again; then all of it is.
    case hold
    /// As `forward`, until this many more bytes have come from the server; then `swallow`.
    case swallowAfterServerBytes(Int)
    /// As `forward`, until the next bytes from the client have been passed on; then reset.
    case resetAfterNextRequest
    /// The same with an orderly end.
    case closeAfterNextRequest
    /// The client's next bytes are passed on, and the server's answer to them is not.
    case swallowNextAnswer
  }

  private struct Pair {
    var client: Int32
    var server: Int32
  }

  private struct State {
    var behaviour = Behaviour.forward
    var pairs: [Pair] = []
    var forgotten: [Pair] = []
    var requests = 0
    var lastWasFromClient = false
    var accepted = 0
    var serverBytes = 0
    var isStopped = false
  }

  public let port: Int
  private let targetPort: Int
  private let listener: Int32
  private let state = Mutex(State())
  private let ended = DispatchSemaphore(value: 0)

  /// - Parameter port: 0 takes any free one.
  public init(to targetPort: Int, port: Int = 0) throws {
    self.targetPort = targetPort
    (listener, self.port) = try Self.listen(port: port)
    let ended = ended
    let thread = Thread { [weak self] in
      while let relay = self, relay.step() {}
      ended.signal()
    }
    thread.start()
  }

  deinit {
    for pair in state.withLock({ $0.pairs + $0.forgotten }) { Self.close(pair, abruptly: false) }
    if !state.withLock({ $0.isStopped }) { Glibc.close(listener) }
  }

  /// Ends every connection and stops listening: from now on the port refuses.
  public func stop() {
    let wasStopped = state.withLock { state in
      defer { state.isStopped = true }
      return state.isStopped
    }
    guard !wasStopped else { return }
    // A socket that is being polled lives on after it is closed.
    ended.wait()
    Glibc.close(listener)
    cutConnections(abruptly: true)
  }

  public func set(_ behaviour: Behaviour) {
    state.withLock { $0.behaviour = behaviour }
  }

  /// Ends every connection: with a reset, or in order.
  public func cutConnections(abruptly: Bool) {
    state.withLock { state in
      for pair in state.pairs { Self.close(pair, abruptly: abruptly) }
      state.pairs = []
    }
  }

  /// Moves no more bytes of the connections there are, and tells neither side; new ones are served.
  public func forgetConnections() {
    state.withLock { state in
      state.forgotten += state.pairs
      state.pairs = []
    }
  }

  /// How often the client has spoken after the server did: round trips.
  public var requestCount: Int { state.withLock { $0.requests } }

  /// How many bytes have come from the server.
  public var serverByteCount: Int { state.withLock { $0.serverBytes } }

  /// Whether a client has sent what is not passed on yet, with the behaviour `hold`.
  public var isHolding: Bool {
    state.withLock { state in
      state.pairs.contains { pair in
        var count: Int32 = 0
        return ioctl(pair.client, UInt(FIONREAD), &count) == 0 && count > 0
      }
    }
  }

  public var acceptedCount: Int { state.withLock { $0.accepted } }

  /// - Returns: whether to go on.
  private func step() -> Bool {
    if state.withLock({ $0.isStopped }) { return false }
    var descriptors = state.withLock { state in
      [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
        + (state.behaviour == .hold ? [] : state.pairs).flatMap { pair in
          [pair.client, pair.server].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        }
    }
    guard poll(&descriptors, nfds_t(descriptors.count), 20) >= 0 || errno == EINTR else {
      return false
    }
    for ready in descriptors where ready.revents != 0 {
      if ready.fd == listener {
        acceptClient()
      } else {
        state.withLock { move(from: ready.fd, &$0) }
      }
    }
    return true
  }

  private func acceptClient() {
    let client = accept(listener, nil, nil)
    guard client >= 0 else { return }
    let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    for descriptor in [client, server] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    var address = Self.loopback(port: targetPort)
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    let pair = Pair(client: client, server: server)
    if code != 0 { return Self.close(pair, abruptly: true) }
    state.withLock { state in
      state.pairs.append(pair)
      state.accepted += 1
    }
  }

  private func move(from descriptor: Int32, _ state: inout State) {
    guard
      let index = state.pairs.firstIndex(where: {
        $0.client == descriptor || $0.server == descriptor
      })
    else { return }
    let pair = state.pairs[index]
    let isFromClient = descriptor == pair.client
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else {
      Self.close(pair, abruptly: count < 0)
      state.pairs.remove(at: index)
      return
    }
    if isFromClient, !state.lastWasFromClient { state.requests += 1 }
    state.lastWasFromClient = isFromClient
    if !isFromClient { state.serverBytes += count }
    guard let passed = passes(count, isFromClient: isFromClient, &state) else { return }
    _ = send(
      isFromClient ? pair.server : pair.client, buffer, passed, Int32(MSG_NOSIGNAL))
    let ending: Bool? =
      switch state.behaviour {
      case .resetAfterNextRequest where isFromClient: true
      case .closeAfterNextRequest where isFromClient: false
      default: nil
      }
    if let ending {
      state.behaviour = .forward
      Self.close(pair, abruptly: ending)
      state.pairs.remove(at: index)
    }
  }

  /// - Returns: how many of `count` bytes to pass on; nil for none.
  private func passes(_ count: Int, isFromClient: Bool, _ state: inout State) -> Int? {
    switch state.behaviour {
    case .forward, .resetAfterNextRequest, .closeAfterNextRequest:
      return count
    case .swallow, .hold:
      return nil
    case .swallowNextAnswer:
      return isFromClient ? count : nil
    case .swallowAfterServerBytes(let left):
      if isFromClient { return count }
      state.behaviour = left > count ? .swallowAfterServerBytes(left - count) : .swallow
      return min(left, count)
    }
  }

  private static func close(_ pair: Pair, abruptly: Bool) {
    if abruptly {
      var option = linger(l_onoff: 1, l_linger: 0)
      setsockopt(
        pair.client, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
    Glibc.close(pair.client)
    Glibc.close(pair.server)
  }

  /// A listening socket on loopback.
  public static func listen(port: Int = 0) throws -> (descriptor: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = loopback(port: port)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) + Glibc.listen(descriptor, 512)
          + getsockname(descriptor, address, &length)
      }
    }
    guard code == 0 else {
      Glibc.close(descriptor)
      throw TestEnvironment.Missing(description: "no port to listen on")
    }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }

  /// A port on which nobody listens.
  public static func unusedPort() throws -> Int {
    let (descriptor, port) = try listen()
    Glibc.close(descriptor)
    return port
  }

  static func loopback(port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    return address
  }
}
