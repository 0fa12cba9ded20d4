import Postgres

extension ConnectionParameters {
  /// The database that a setting names.
  ///
  /// - Parameter setting: `postgresql://…` or `host=… dbname=…`, as psql takes it.
  /// - Throws: when libpq would not take it, or when RDS Proxy would refuse each connection; the error never repeats a
  ///   value.
  public init(setting: String) throws(ConnectionStringError) {
    self = try ConnectionParameters(parsing: setting)
    if effective("options") != nil, hosts.contains(where: isRDSProxy) {
      throw unusable(
        "options",
        "is refused by RDS Proxy: take it out, and set the login's defaults with ALTER ROLE … SET")
    }
  }
}

/// Named by AWS as `NAME.proxy-ID.REGION.rds.amazonaws.com`.
private func isRDSProxy(_ host: String) -> Bool {
  let labels = host.split(separator: ".").map { $0.lowercased() }
  return labels.dropFirst().first?.hasPrefix("proxy-") == true
    && labels.contains("rds") && labels.contains("amazonaws")
}
