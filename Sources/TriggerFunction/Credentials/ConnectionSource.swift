import Clock
import Postgres

/// Opens connections, each with the user and the password that are right at that moment.
final class ConnectionSource {
  private let parameters: ConnectionParameters
  private let credentials: DatabaseCredentials
  private let secret: DatabaseSecret?

  init(_ parameters: ConnectionParameters, _ credentials: DatabaseCredentials) {
    self.parameters = parameters
    self.credentials = credentials
    secret = if case .secret(let location) = credentials { DatabaseSecret(location) } else { nil }
  }

  func open(until deadline: Deadline) throws(PostgresError) -> Connection {
    if let secret { return try open(with: secret, until: deadline) }
    guard case .iam(let authentication) = credentials else {
      return try Connection.open(parameters, until: deadline)
    }
    let token = authentication.token(at: .now())
    return try Connection.open(parameters.setting("password", to: token), until: deadline)
  }

  /// A refused password may have been rotated: the secret is fetched once more.
  private func open(
    with secret: DatabaseSecret, until deadline: Deadline
  ) throws(PostgresError) -> Connection {
    let login: Login
    do {
      login = try secret.login(until: deadline)
    } catch {
      throw .credentialsUnavailable(detail: error.description, mayPass: error.mayPass)
    }
    let refusal: PostgresError
    do {
      return try open(login, until: deadline)
    } catch {
      guard error.state?.code == "28P01" else { throw error }
      refusal = error
    }
    let renewed: Login
    do {
      renewed = try secret.renewedLogin(until: deadline)
    } catch {
      // Not worth another attempt at once: that would begin with the refused password again.
      throw .credentialsUnavailable(
        detail: "the server refused the secret's password, and \(error)", mayPass: false)
    }
    // What was refused would be refused again.
    guard renewed != login else { throw refusal }
    return try open(renewed, until: deadline)
  }

  private func open(
    _ login: Login, until deadline: Deadline
  ) throws(PostgresError) -> Connection {
    try Connection.open(
      parameters.setting("user", to: login.user).setting("password", to: login.password),
      until: deadline)
  }
}
