import AWS
import Clock
import Postgres
import Settings

/// Where the user and the password of a connection come from.
public enum DatabaseCredentials: Sendable, Equatable {
  /// From `DATABASE_URL`, or from where libpq looks by itself.
  case connectionString
  /// A token, signed anew for each connection.
  case iam(IAMAuthentication)
  /// From a secret of AWS Secrets Manager.
  case secret(SecretLocation)
}

/// A secret of AWS Secrets Manager, as the AWS Parameters and Secrets Lambda extension hands it out.
public struct SecretLocation: Sendable, Equatable {
  static let defaultPort = 2773

  var arn: String
  /// On localhost.
  var port: Int
  /// `AWS_SESSION_TOKEN`: shows the extension that the request comes from the function itself.
  var token: String
}

/// The values of `DATABASE_AUTH`.
private enum DatabaseAuthentication: String, CaseIterable {
  case password, iam
}

extension DatabaseCredentials {
  /// Reads `DATABASE_AUTH`, `DATABASE_SECRET_ARN` and what these need of Lambda's own environment.
  ///
  /// - Parameter database: the connection, for the host and the user that a token is made for.
  init(_ environment: Environment, for database: ConnectionParameters) throws(SettingError) {
    let authentication = try environment.choice("DATABASE_AUTH", of: DatabaseAuthentication.self)
    let secret = environment["DATABASE_SECRET_ARN"]
    switch (authentication, secret) {
    case (.iam, .some):
      throw SettingError(
        "DATABASE_AUTH", "is 'iam' while DATABASE_SECRET_ARN is set: set one of the two")
    case (.iam, nil):
      self = .iam(try IAMAuthentication(environment, for: database))
    case (_, let arn?):
      self = .secret(try SecretLocation(arn: arn, environment))
    case (_, nil):
      self = .connectionString
    }
  }
}

extension IAMAuthentication {
  fileprivate init(
    _ environment: Environment, for database: ConnectionParameters
  ) throws(SettingError) {
    guard let server = database.onlyServer, let user = database["user"] else {
      throw SettingError(
        "DATABASE_URL",
        "must name one host (as RDS names it) and a user: DATABASE_AUTH=iam signs both")
    }
    let modes: Set = ["require", "verify-ca", "verify-full"]
    // Not given, it is `require`.
    if let mode = database["sslmode"] ?? environment["PGSSLMODE"], !modes.contains(mode) {
      throw SettingError(
        database["sslmode"] == nil ? "PGSSLMODE" : "DATABASE_URL",
        "lets the connection go without TLS (sslmode \(mode)), and DATABASE_AUTH=iam sends its token "
          + "as it is: sslmode must be require, verify-ca or verify-full")
    }
    host = server.host
    port = server.port
    self.user = user
    region = try environment.required("AWS_REGION", by: "DATABASE_AUTH=iam")
    credentials = AWSCredentials(
      accessKeyID: try environment.required("AWS_ACCESS_KEY_ID", by: "DATABASE_AUTH=iam"),
      secretAccessKey: try environment.required("AWS_SECRET_ACCESS_KEY", by: "DATABASE_AUTH=iam"),
      sessionToken: environment["AWS_SESSION_TOKEN"])
  }
}

extension SecretLocation {
  fileprivate init(arn: String, _ environment: Environment) throws(SettingError) {
    let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 7, parts[0] == "arn", parts[2] == "secretsmanager", parts[5] == "secret",
      !parts[6].isEmpty
    else {
      throw SettingError(
        "DATABASE_SECRET_ARN", "must be like arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME")
    }
    self.arn = arn
    let portVariable = "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"
    let number = environment[portVariable].map { Int($0) } ?? Self.defaultPort
    guard let number, (1...65_535).contains(number) else {
      throw SettingError(portVariable, "must be a port, 1 to 65535")
    }
    port = number
    token = try environment.required("AWS_SESSION_TOKEN", by: "DATABASE_SECRET_ARN")
  }
}

/// A login at Amazon RDS, Aurora or RDS Proxy without a password of its own.
///
/// The password is a presigned request that is never sent as one: action `connect` of the service
/// `rds-db`. Source: Amazon RDS User Guide, "IAM database authentication".
public struct IAMAuthentication: Sendable, Equatable {
  /// RDS refuses a token that is older, and one that claims to live longer.
  private static let lifetime = 900

  var host: String
  var port: String
  var user: String
  var region: String
  var credentials: AWSCredentials

  /// The password for a connection that is opened at `time`.
  ///
  /// Only needed while logging in: a connection outlives its token. To make one costs some
  /// microseconds and no call, so every connection gets its own, and none comes near its expiry.
  func token(at time: Timestamp) -> String {
    SigV4Presigner(service: "rds-db", region: region, credentials: credentials).presigned(
      host: "\(host):\(port)", query: [("Action", "connect"), ("DBUser", user)],
      lifetime: Self.lifetime, at: time)
  }
}
