import AWS
import Postgres

/// Where the user and the password of a connection come from.
public enum DatabaseCredentials: Sendable, Equatable {
  /// From `DATABASE_URL`, or from where libpq looks by itself.
  case connectionString
  case iam(IAMAuthentication)
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
  /// Reads `DATABASE_AUTH`, `DATABASE_SECRET_ARN` and what these need of Lambda's own variables.
  ///
  /// - Parameter database: the connection, for the host and the user that a token is made for.
  init(_ variables: Variables, for database: ConnectionParameters) throws(ConfigurationError) {
    let authentication = try variables.choice("DATABASE_AUTH", of: DatabaseAuthentication.self)
    let secret = variables["DATABASE_SECRET_ARN"]
    switch (authentication, secret) {
    case (.iam, .some):
      throw ConfigurationError(
        "DATABASE_AUTH", "is 'iam' while DATABASE_SECRET_ARN is set: set one of the two")
    case (.iam, nil):
      self = .iam(try IAMAuthentication(variables, for: database))
    case (_, let arn?):
      self = .secret(try SecretLocation(arn: arn, variables))
    case (_, nil):
      self = .connectionString
    }
  }
}

extension IAMAuthentication {
  fileprivate init(
    _ variables: Variables, for database: ConnectionParameters
  ) throws(ConfigurationError) {
    guard let server = database.onlyServer, let user = database["user"] else {
      throw ConfigurationError(
        "DATABASE_URL",
        "must name one host (as RDS names it) and a user: DATABASE_AUTH=iam signs both")
    }
    let modes: Set = ["require", "verify-ca", "verify-full"]
    // Not given, it is `require`.
    if let mode = database["sslmode"] ?? variables["PGSSLMODE"], !modes.contains(mode) {
      throw ConfigurationError(
        database["sslmode"] == nil ? "PGSSLMODE" : "DATABASE_URL",
        "lets the connection go without TLS (sslmode \(mode)), and DATABASE_AUTH=iam sends its token "
          + "as it is: sslmode must be require, verify-ca or verify-full")
    }
    host = server.host
    port = server.port
    self.user = user
    region = try variables.required("AWS_REGION", by: "DATABASE_AUTH=iam")
    credentials = AWSCredentials(
      accessKeyID: try variables.required("AWS_ACCESS_KEY_ID", by: "DATABASE_AUTH=iam"),
      secretAccessKey: try variables.required("AWS_SECRET_ACCESS_KEY", by: "DATABASE_AUTH=iam"),
      sessionToken: variables["AWS_SESSION_TOKEN"])
  }
}

extension SecretLocation {
  fileprivate init(arn: String, _ variables: Variables) throws(ConfigurationError) {
    let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 7, parts[0] == "arn", parts[2] == "secretsmanager", parts[5] == "secret",
      !parts[6].isEmpty
    else {
      throw ConfigurationError(
        "DATABASE_SECRET_ARN", "must be like arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME")
    }
    self.arn = arn
    let portVariable = "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"
    let number = variables[portVariable].map { Int($0) } ?? Self.defaultPort
    guard let number, (1...65_535).contains(number) else {
      throw ConfigurationError(portVariable, "must be a port, 1 to 65535")
    }
    port = number
    token = try variables.required("AWS_SESSION_TOKEN", by: "DATABASE_SECRET_ARN")
  }
}

extension Variables {
  fileprivate func required(
    _ name: String, by setting: String
  ) throws(ConfigurationError) -> String {
    guard let value = self[name] else {
      throw ConfigurationError(name, "is not set, and \(setting) needs it")
    }
    return value
  }
}
