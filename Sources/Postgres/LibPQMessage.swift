import Glibc

/// A message of libpq's own, or of the resolver's. They have no codes: what a failure was, only their words tell.
///
/// Source: `fe-connect.c`, `fe-auth.c` and `fe-secure*.c` of PostgreSQL 15, and glibc's `gai_strerror`.
struct LibPQMessage {
  let text: String

  init(_ text: String) {
    self.text = text
  }

  /// Whether the server went away without a word of its own. libpq gives up there; a load balancer with nobody
  /// behind it does just this.
  var isFarewell: Bool {
    says([
      "server closed the connection unexpectedly", "could not receive data from server",
      "SSL SYSCALL error", "SSL connection has been closed unexpectedly",
    ])
  }

  /// Whether the server is not what `target_session_attrs` asks for.
  var isSessionMismatch: Bool {
    says([
      "session is read-only", "session is not read-only", "server is in hot standby mode",
      "server is not in hot standby mode",
    ])
  }

  /// Whether no waiting helps: a setting is wrong.
  var isLasting: Bool {
    says([
      // The name is unknown; where the resolver itself is away it says "Temporary failure".
      "Name or service not known", "No address associated with hostname",
      // TLS and certificates.
      "does not support SSL", "certificate", "private key", "sslmode",
      // What a server is to be asked with, or for.
      "no password supplied", "authentication method", "channel binding", "invalid port",
      "invalid integer value", "target_session_attrs value",
    ])
  }

  /// What can be done about it; nil where the words do not tell.
  var remedy: String? {
    // libpq 15 keeps OpenSSL's reason to itself.
    if says(["certificate verify failed"]) {
      return
        "the server's certificate is of an authority that is not in sslrootcert, or has expired"
    }
    if says(["does not match host name"]) {
      return "connect by a name that is in the server's certificate"
    }
    if says(["root certificate file"]) {
      return "sslrootcert must name a file with the authority's certificate, in PEM"
    }
    if says(["does not support SSL"]) {
      return
        "switch TLS on at the server (ssl = on); to a server on this machine sslmode=disable will do"
    }
    if says(["no password supplied"]) {
      return "the server asks for a password: give it in the connection string, or as PGPASSWORD"
    }
    if isSessionMismatch { return "name a server that is as target_session_attrs asks" }
    // A host that stands in a service file is looked up by libpq.
    if says(["could not translate host name"]) { return Self.unknownHost }
    if says(["on socket"]), says(["No such file or directory", "Connection refused"]) {
      return "start a server with this socket, or name the host of another"
    }
    if says(["Connection refused"]) {
      return "check host and port, and the server's listen_addresses"
    }
    if says(["No route to host", "Network is unreachable", "Connection timed out"]) {
      return Self.noWay
    }
    if isFarewell {
      return "whoever answers there ends the connection: is it PostgreSQL? Its log says why"
    }
    return nil
  }

  /// What can be done where a name has no address.
  static let unknownHost =
    "check the host's name, and that this network resolves it (in a VPC: its DNS settings)"
  /// What can be done where nobody answers.
  static let noWay =
    "does the network lead to the server, and is it up? Check host and port, routes, security groups and firewalls"

  /// C's search: `String.contains` would bring the whole machinery of regular expressions along.
  private func says(_ phrases: [String]) -> Bool {
    phrases.contains { strstr(text, $0) != nil }
  }
}
