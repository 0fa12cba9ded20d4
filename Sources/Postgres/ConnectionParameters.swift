import CLibPQ

/// Where and how to connect: libpq's parameters, from a URI or from `key=value` text.
///
/// Deliberately not `CustomStringConvertible`: it holds the password.
public struct ConnectionParameters: Sendable {
  private var values: [String: String]

  /// - Parameter connectionString: `postgresql://…` or `host=… dbname=…`, as psql takes it.
  /// - Throws: when libpq cannot parse it; the error never repeats any of the text.
  public init(parsing connectionString: String) throws(ConnectionStringError) {
    guard !connectionString.isEmpty else { throw .empty }
    guard !connectionString.utf8.contains(0) else { throw .malformed }
    var message: UnsafeMutablePointer<CChar>?
    defer { PQfreemem(message) }
    guard let options = PQconninfoParse(connectionString, &message) else { throw .malformed }
    defer { PQconninfoFree(options) }
    values = Self.dictionary(of: options)
  }

  /// What was given for a keyword of libpq's; the password is among them.
  public subscript(keyword: String) -> String? {
    values[keyword]
  }

  /// The same parameters with `value` for `keyword`, replacing what is there.
  public func setting(_ keyword: String, to value: String) -> ConnectionParameters {
    var copy = self
    copy.values[keyword] = value
    return copy
  }

  /// The same parameters with `value` for `keyword` unless one was given.
  public func settingDefault(_ keyword: String, to value: String) -> ConnectionParameters {
    values[keyword] == nil ? setting(keyword, to: value) : self
  }

  /// Host name and port, where there is just one host and it is not a Unix socket.
  public var onlyServer: (host: String, port: String)? {
    guard endpoints.count == 1, let host = endpoints.first?.host, !host.isEmpty,
      !host.hasPrefix("/"), !host.hasPrefix("@")
    else { return nil }
    let port = endpoints.first?.port ?? ""
    return (host, port.isEmpty ? "5432" : port)
  }

  /// The hosts to try, in order, with what libpq would take from its environment (`PGHOST` …).
  ///
  /// One element with all members nil stands for libpq's default, the local Unix socket.
  var endpoints: [Endpoint] {
    // A service file names the host itself; only libpq can read it.
    guard values["service"] == nil else { return [Endpoint()] }
    var defaults: [String: String] = [:]
    if let options = PQconndefaults() {
      defaults = Self.dictionary(of: options)
      PQconninfoFree(options)
    }
    func list(_ keyword: String) -> [String] {
      guard let text = values[keyword] ?? defaults[keyword], !text.isEmpty else { return [] }
      return text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
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

  /// The parameters for one attempt at `endpoint`.
  func forAttempt(at endpoint: Endpoint) -> [String: String] {
    var attempt = values
    if endpoint.host != nil || endpoint.address != nil {
      attempt["host"] = endpoint.host
      attempt["hostaddr"] = endpoint.address
      attempt["port"] = endpoint.port
    }
    return attempt
  }

  private static func dictionary(
    of options: UnsafeMutablePointer<PQconninfoOption>
  ) -> [String: String] {
    var values: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val {
        values[String(cString: keyword)] = String(cString: value)
      }
      option += 1
    }
    return values
  }
}

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

public enum ConnectionStringError: Error, Sendable, Equatable, CustomStringConvertible {
  case empty
  case malformed

  public var description: String {
    switch self {
    case .empty: "is empty"
    case .malformed:
      "is neither a PostgreSQL URI (postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full, "
        + "special characters percent-encoded) nor key=value text"
    }
  }
}

extension Array {
  fileprivate func element(at index: Int) -> Element? {
    indices.contains(index) ? self[index] : nil
  }
}
