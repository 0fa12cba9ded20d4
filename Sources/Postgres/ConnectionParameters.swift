import CLibPQ
import Glibc

/// Where and how to connect: libpq's parameters, from a URI or from `key=value` text.
///
/// Deliberately not `CustomStringConvertible`: it holds the password.
public struct ConnectionParameters: Sendable {
  /// Known to libpq from version 16 only, and followed here: each attempt of libpq's gets one address.
  static let loadBalancing = "load_balance_hosts"

  private var values: [String: String]
  /// What libpq uses for a keyword that is not given: from its environment, or built in.
  private let defaults: [String: Default]

  /// - Parameter connectionString: `postgresql://…` or `host=… dbname=…`, as psql takes it.
  /// - Throws: when libpq would not take it, or not together with its environment (`PGSSLMODE` …);
  ///   the error never repeats a value.
  public init(parsing connectionString: String) throws(ConnectionStringError) {
    let text = ConnectionString(connectionString)
    guard !text.text.isEmpty else { throw .empty }
    // The host is told in errors.
    guard !text.hasStrayAt else { throw .malformed }
    do {
      values = try Self.parse(text.text)
    } catch .unknownParameter(Self.loadBalancing) {
      let (rest, value) = text.takingOut(Self.loadBalancing)
      values = try Self.parse(rest)
      values[Self.loadBalancing] = value
    }
    defaults = Self.environment()
    try check()
  }

  /// What was given for a keyword of libpq's; the password is among them.
  public subscript(keyword: String) -> String? {
    values[keyword]
  }

  /// What holds for a keyword, given or taken from the environment; nil where it is neither. To libpq an empty value
  /// is none.
  public func effective(_ keyword: String) -> String? {
    if let value = values[keyword], !value.isEmpty { return value }
    guard let value = defaults[keyword]?.value, !value.isEmpty else { return nil }
    return value
  }

  /// The environment variable that a keyword's value is from; nil where it was given.
  func variable(for keyword: String) -> String? {
    values[keyword].map { $0.isEmpty } == false ? nil : defaults[keyword]?.variable
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
    return (host, port.isEmpty ? defaultPort : port)
  }

  /// The names of the servers to try, in their order; addresses and directories of sockets among them, where these
  /// stand in a name's place.
  public var hosts: [String] { endpoints.compactMap(\.host) }

  /// The parameters for one attempt at `endpoint`.
  ///
  /// - Parameter session: replaces `target_session_attrs`; nil leaves it.
  func forAttempt(at endpoint: Endpoint, session: TargetSession? = nil) -> [String: String] {
    var attempt = values
    attempt[Self.loadBalancing] = nil
    if endpoint.host != nil || endpoint.address != nil {
      attempt["host"] = endpoint.host
      attempt["hostaddr"] = endpoint.address
      attempt["port"] = endpoint.port
    }
    if let session { attempt["target_session_attrs"] = session.rawValue }
    // Swift's text is UTF-8, whatever PGCLIENTENCODING says.
    attempt["client_encoding"] = "UTF8"
    return attempt
  }
}

extension ConnectionParameters {
  private struct Default: Sendable {
    var value: String?
    var variable: String?
  }

  private static func parse(_ text: String) throws(ConnectionStringError) -> [String: String] {
    guard !text.utf8.contains(0) else { throw .malformed }
    var message: UnsafeMutablePointer<CChar>?
    defer { PQfreemem(message) }
    guard let options = PQconninfoParse(text, &message) else {
      throw ConnectionStringError(saidByLibPQ: message.map { String(cString: $0) } ?? "")
    }
    defer { PQconninfoFree(options) }
    var values: [String: String] = [:]
    forEach(in: options) { option, keyword in
      if let value = option.val { values[keyword] = String(cString: value) }
    }
    return values
  }

  private static func environment() -> [String: Default] {
    let loadBalancingVariable = "PGLOADBALANCEHOSTS"
    var defaults = [
      loadBalancing: Default(
        value: getenv(loadBalancingVariable).map { String(cString: $0) },
        variable: loadBalancingVariable)
    ]
    guard let options = PQconndefaults() else { return defaults }
    defer { PQconninfoFree(options) }
    forEach(in: options) { option, keyword in
      defaults[keyword] = Default(
        value: option.val.map { String(cString: $0) },
        variable: option.envvar.map { String(cString: $0) })
    }
    return defaults
  }

  private static func forEach(
    in options: UnsafeMutablePointer<PQconninfoOption>,
    _ body: (PQconninfoOption, _ keyword: String) -> Void
  ) {
    var option = options
    while let keyword = option.pointee.keyword {
      body(option.pointee, String(cString: keyword))
      option += 1
    }
  }
}
