import AWS
import Clock

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
