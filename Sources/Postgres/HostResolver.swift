import Clock
import Glibc
import Synchronization

/// Looks host names up without outliving a deadline.
///
/// `getaddrinfo` blocks for as long as the resolver pleases, and libpq calls it from
/// `PQconnectStart`. Here it runs in a thread of its own: when the deadline comes first, the thread is
/// left to end by itself and its result is dropped.
package enum HostResolver {
  /// Whether `host` is a name that is looked up, and no address or directory of a socket.
  package static func isName(_ host: String) -> Bool {
    Endpoint(host: host).needsResolving && !isNumericAddress(host)
  }

  /// - Returns: numeric addresses in the resolver's order of preference (RFC 6724), at least one.
  package static func addresses(
    of host: String, until deadline: Deadline
  ) throws(PostgresError) -> [String] {
    guard let lookup = Lookup(host: host), lookup.start() else {
      throw .connectFailed(detail: "no thread or descriptor left to look up the host name")
    }
    guard deadline.wait(for: .reading, on: lookup.done) else { throw .timedOut(.resolve) }
    switch lookup.result.withLock({ $0 }) {
    case .success(let addresses)? where addresses.isEmpty:
      throw .hostNotFound(host: host, reason: "it has no address")
    case .success(let addresses)?: return addresses
    case .failure(let failure)?: throw .hostNotFound(host: host, reason: failure.description)
    case nil: throw .connectFailed(detail: "the look-up ended without a result")
    }
  }
}

/// One look-up, shared by the thread that does it and the one that waits; whoever leaves last ends it.
private final class Lookup: Sendable {
  struct Failure: Error, CustomStringConvertible {
    let code: Int32
    var description: String { String(cString: gai_strerror(code)) }
  }

  let host: String
  /// The reading end of a pipe: it becomes readable when `run` closes the writing end.
  let done: Int32
  private let doneWriter: Int32
  let result = Mutex<Result<[String], Failure>?>(nil)

  init?(host: String) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    self.host = host
    done = ends[0]
    doneWriter = ends[1]
  }

  deinit { close(done) }

  func start() -> Bool {
    let context = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        let lookup = Unmanaged<Lookup>.fromOpaque(context).takeRetainedValue()
        lookup.run()
        return nil
      }, context.toOpaque())
    guard code == 0 else {
      context.release()
      close(doneWriter)
      return false
    }
    pthread_detach(thread)
    return true
  }

  private func run() {
    let answer = Self.resolve(host)
    result.withLock { $0 = answer }
    close(doneWriter)
  }

  private static func resolve(_ host: String) -> Result<[String], Failure> {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var first: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, nil, &hints, &first)
    guard code == 0 else { return .failure(Failure(code: code)) }
    defer { freeaddrinfo(first) }
    var addresses: [String] = []
    var next = first
    while let entry = next {
      if let address = numeric(entry.pointee), !addresses.contains(address) {
        addresses.append(address)
      }
      next = entry.pointee.ai_next
    }
    return .success(addresses)
  }

  private static func numeric(_ entry: addrinfo) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { buffer in
      let code = getnameinfo(
        entry.ai_addr, entry.ai_addrlen, buffer.baseAddress, socklen_t(buffer.count), nil, 0,
        NI_NUMERICHOST)
      guard code == 0, let text = buffer.baseAddress else { return nil }
      return String(cString: text)
    }
  }
}

/// Whether `text` is an address and no name, as `getaddrinfo` takes one with `AI_NUMERICHOST`.
///
/// Without `getaddrinfo` itself: whatever stands in for it may look names up, and must not block here.
func isNumericAddress(_ text: String) -> Bool {
  var address = in_addr()
  var longAddress = in6_addr()
  // A link-local address may name its interface: `fe80::1%eth0`.
  let withoutScope = String(text.prefix { $0 != "%" })
  return inet_aton(text, &address) == 1 || inet_pton(AF_INET6, withoutScope, &longAddress) == 1
}
