import Glibc

/// What libpq takes for a parameter's value; everything else it would refuse at each attempt.
///
/// Source: PostgreSQL documentation, "Parameter Key Words", and `connectOptions2` of `fe-connect.c`.
enum ParameterRule {
  /// `anyCase`: capitals do not matter.
  case oneOf([String], anyCase: Bool = false)
  case integer
  /// A number for each host, or one for all; an empty one is the default.
  case ports
  /// A numeric address for each host.
  case addresses

  static let all: [(keyword: String, rule: ParameterRule)] = [
    ("port", .ports),
    ("hostaddr", .addresses),
    ("sslmode", .oneOf(["disable", "allow", "prefer", "require", "verify-ca", "verify-full"])),
    ("gssencmode", .oneOf(["disable", "prefer", "require"])),
    ("channel_binding", .oneOf(["disable", "prefer", "require"])),
    ("ssl_min_protocol_version", .oneOf(protocolVersions, anyCase: true)),
    ("ssl_max_protocol_version", .oneOf(protocolVersions, anyCase: true)),
    ("target_session_attrs", .oneOf(TargetSession.allCases.map(\.rawValue))),
    (ConnectionParameters.loadBalancing, .oneOf(["disable", "random"])),
    ("connect_timeout", .integer),
    ("keepalives", .integer),
    ("keepalives_idle", .integer),
    ("keepalives_interval", .integer),
    ("keepalives_count", .integer),
    ("tcp_user_timeout", .integer),
  ]

  static let protocolVersions = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]

  func allows(_ value: String) -> Bool {
    switch self {
    case .oneOf(let choices, let anyCase):
      choices.contains { anyCase ? strcasecmp($0, value) == 0 : $0 == value }
    case .integer:
      Self.integer(value) != nil
    case .ports:
      Self.elements(of: value).allSatisfy { port in
        port.isEmpty || Self.integer(port).map { (1...65_535).contains($0) } == true
      }
    case .addresses:
      Self.elements(of: value).allSatisfy { $0.isEmpty || isNumericAddress($0) }
    }
  }

  /// Follows the parameter's name: "sslmode must be disable or require".
  var description: String {
    switch self {
    case .oneOf(let choices, _):
      "must be \(choices.dropLast().joined(separator: ", ")) or \(choices.last ?? "")"
    case .integer: "must be a whole number"
    case .ports: "must be a number from 1 to 65535"
    case .addresses: "must be a numeric address"
    }
  }

  private static func elements(of value: String) -> [String] {
    value.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
  }

  /// As `strtol` reads it, with blanks around it. By bytes: characters would load Unicode's tables at each start.
  private static func integer(_ value: String) -> Int32? {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    var digits = value.utf8[...].drop(while: isBlank)
    while let last = digits.last, isBlank(last) { digits.removeLast() }
    return Int32(Substring(digits))
  }
}

extension ConnectionParameters {
  /// - Throws: the first of the rules that is broken.
  func check() throws(ConnectionStringError) {
    for (keyword, rule) in ParameterRule.all {
      if let value = effective(keyword), !rule.allows(value) {
        throw unusable(keyword, rule.description)
      }
    }
    try checkCounts()
    let versions = ["ssl_min_protocol_version", "ssl_max_protocol_version"].compactMap { keyword in
      effective(keyword).flatMap { value in
        ParameterRule.protocolVersions.firstIndex { strcasecmp($0, value) == 0 }
      }
    }
    if versions.count == 2, versions != versions.sorted() {
      throw unusable("ssl_min_protocol_version", "must not be above ssl_max_protocol_version")
    }
  }

  private func checkCounts() throws(ConnectionStringError) {
    // A service file may name more of them; only libpq can read it.
    guard self["service"] == nil else { return }
    let hosts = list("host").count
    let addresses = list("hostaddr").count
    if hosts > 0, addresses > 0, hosts != addresses {
      throw unusable("hostaddr", "must name as many addresses as there are hosts (\(hosts))")
    }
    let servers = max(hosts, addresses, 1)
    if list("port").count > 1, list("port").count != servers {
      throw unusable("port", "must be one for all hosts, or one for each (\(servers))")
    }
  }

  /// Why a value cannot be used, given or taken from the environment.
  ///
  /// - Parameters:
  ///   - keyword: of the parameter.
  ///   - rule: follows the keyword in the error: "must be …".
  public func unusable(_ keyword: String, _ rule: String) -> ConnectionStringError {
    .unusable(parameter: keyword, variable: variable(for: keyword), rule: rule)
  }
}
