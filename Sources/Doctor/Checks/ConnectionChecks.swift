import Clock
import Postgres

/// How the database is reached: pure, from what was seen to what it means.
enum ConnectionChecks {
  /// From then on a certificate's end is near.
  static let certificateNotice = Duration.seconds(30 * 86_400)

  /// - Parameters:
  ///   - host: as the connection names it.
  ///   - addresses: what it was resolved to.
  static func resolution(_ host: String, _ addresses: Result<[String], PostgresError>) -> Finding {
    do {
      return .ok(.nameResolution, "\(host): \(try addresses.get().joined(separator: ", "))")
    } catch {
      let reason = if case .hostNotFound(_, let reason) = error { reason } else { error.summary }
      return .failed(.nameResolution, "\(host): \(reason)", whatToDo(error))
    }
  }

  /// - Parameter remedy: what can be done about an SQLSTATE.
  static func refusal(_ error: PostgresError, remedy: (SQLState) -> String?) -> Finding {
    .failed(.connection, error.summary, whatToDo(error, remedy))
  }

  private static func whatToDo(
    _ error: PostgresError, _ ofState: (SQLState) -> String? = { _ in nil }
  ) -> String? {
    let remedies = error.remedies(ofState)
    if !remedies.isEmpty { return remedies.joined(separator: "; ") }
    // Its own words say what to do.
    if case .credentialsUnavailable = error { return nil }
    return "the server's log says more"
  }

  static func connection(to address: String?, as login: String) -> Finding {
    .ok(.connection, "as \(login) to \(address ?? "a local socket")")
  }

  /// - Parameters:
  ///   - session: nil where the connection is not encrypted.
  ///   - mode: `sslmode`, as it holds.
  ///   - address: the server's; nil for a Unix socket.
  ///   - now: the certificate's days are counted from.
  static func tls(
    _ session: TLSSession?, mode: String, address: String?, now: Timestamp
  ) -> [Finding] {
    guard let session else {
      return [
        isLocal(address)
          ? .ok(.tls, "not encrypted, and does not leave this machine")
          : .warning(.tls, "the connection is not encrypted", verifyFull)
      ]
    }
    let agreed = "\(session.version), \(session.cipher), sslmode=\(mode)"
    let how: Finding =
      switch mode {
      case "verify-full": .ok(.tls, agreed)
      case "verify-ca":
        .warning(
          .tls, "\(agreed): whoever has a certificate of the same authority can pose as the server",
          verifyFull)
      default:
        .warning(.tls, "\(agreed): nobody looks who the server is", verifyFull)
      }
    return [how, certificate(session.certificate, now: now)]
  }

  private static let verifyFull =
    "sslmode=verify-full, with the authority's certificates in sslrootcert (RDS: the region's bundle)"

  private static func isLocal(_ address: String?) -> Bool {
    address.map { $0.hasPrefix("127.") || $0 == "::1" } ?? true
  }

  static func certificate(_ certificate: ServerCertificate?, now: Timestamp) -> Finding {
    guard let certificate else { return .skipped(.certificate, "the server's cannot be read") }
    let left = now.duration(to: certificate.expiresAt)
    let days = Int(left.components.seconds / 86_400)
    let whose = "\(certificate.subject), by \(certificate.issuer)"
    if left < .zero {
      return .failed(
        .certificate, "\(whose): has expired", "give the server a new certificate, now")
    }
    return left < certificateNotice
      ? .warning(
        .certificate, "\(whose): \(days) days left",
        "have it renewed, and package the function with the authority's current certificates before"
      )
      : .ok(.certificate, "\(whose): \(days) days left")
  }

  /// - Parameters:
  ///   - connect: how long it took to connect, a look-up, TLS and the login included.
  ///   - statements: how long some statements took that do nothing.
  static func roundTrip(connect: Duration, statements: [Duration], budget: Duration) -> Finding {
    let statement = statements.sorted().dropFirst(statements.count / 2).first ?? .zero
    let text =
      "connected in \(connect.wholeMillisecondsRoundedUp) ms, a statement in \(tenths(statement)) ms; an event has "
      + "\(budget.wholeMillisecondsRoundedUp) ms"
    // The first of two attempts has half of the time.
    if connect + statement > budget / 2 {
      return .failed(
        .roundTrip, text, "run the function near the database: in its region, better in its zone")
    }
    return connect > .milliseconds(1500) || statement > .milliseconds(100)
      ? .warning(
        .roundTrip, text, "is the server loaded, or far away? Each new process connects once")
      : .ok(.roundTrip, text)
  }

  private static func tenths(_ duration: Duration) -> String {
    let tenths = (duration.wholeMicroseconds + 50) / 100
    return "\(tenths / 10).\(tenths % 10)"
  }

  /// - Parameter offset: how far the other clock is ahead of this one.
  static func clock(_ check: CheckName, offset: Duration, of whom: String) -> Finding {
    let seconds = abs(offset.milliseconds) / 1000
    let text =
      seconds < 1
      ? "\(whom) agrees with this machine's to the second"
      : "\(whom) is \(Int(seconds.rounded())) s \(offset < .zero ? "behind" : "ahead of") this machine's"
    let remedy =
      "set the clocks by NTP; the order of observations and AWS's signatures hang on them"
    return seconds > 60
      ? .failed(check, text, remedy)
      : seconds > 5 ? .warning(check, text, remedy) : .ok(check, text)
  }
}
