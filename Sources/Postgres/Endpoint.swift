/// One server address to try.
struct Endpoint: Sendable, Equatable {
  /// A name, a numeric address, or the directory of a Unix socket.
  var host: String?
  /// A numeric address; `host` then serves TLS and the password file only.
  var address: String?
  var port: String?

  /// Whether `host` must be looked up before connecting.
  var needsResolving: Bool {
    guard address == nil || address?.isEmpty == true, let host, !host.isEmpty else { return false }
    return !host.hasPrefix("/") && !host.hasPrefix("@")
  }
}

extension Endpoint: CustomStringConvertible {
  /// For an error: `db.example (10.0.0.1), port 5432`.
  var description: String {
    let host = host.flatMap { $0.isEmpty ? nil : $0 }
    let address = address.flatMap { $0.isEmpty || $0 == host ? nil : $0 }
    let server =
      switch (host, address) {
      case (let host?, let address?): "\(host) (\(address))"
      case (let name?, nil), (nil, let name?): name
      case (nil, nil): "the local socket"
      }
    return "\(server), port \(port.flatMap { $0.isEmpty ? nil : $0 } ?? defaultPort)"
  }
}

/// The port where none is given; libpq's headers do not export it.
let defaultPort = "5432"

extension ConnectionParameters {
  /// The hosts to try, in order, with what libpq would take from its environment (`PGHOST` …).
  ///
  /// One element with all members nil stands for libpq's default, the local Unix socket.
  var endpoints: [Endpoint] {
    // A service file names the host itself; only libpq can read it.
    guard self["service"] == nil else { return [Endpoint()] }
    let hosts = list("host")
    let addresses = list("hostaddr")
    let ports = list("port")
    let count = max(hosts.count, addresses.count, 1)
    return (0..<count).map { index in
      Endpoint(
        host: hosts.element(at: index),
        address: addresses.element(at: index),
        // libpq: a single port serves all hosts.
        port: ports.count == 1 ? ports.first : ports.element(at: index))
    }
  }

  /// The elements of a value that may be a list; none where nothing is given.
  func list(_ keyword: String) -> [String] {
    guard let text = effective(keyword) else { return [] }
    return text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}

extension Array {
  fileprivate func element(at index: Int) -> Element? {
    indices.contains(index) ? self[index] : nil
  }
}
