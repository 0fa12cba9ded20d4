import Clock
import Settings

/// Keys, and until when they are good.
public struct ExpiringCredentials: Sendable, Equatable {
  /// The keys.
  public var credentials: AWSCredentials
  /// Nil: they do not expire, or nobody said when.
  public var expiresAt: Timestamp?

  /// - Parameter expiresAt: nil for keys that do not expire, or where it is not known when.
  public init(_ credentials: AWSCredentials, expiresAt: Timestamp? = nil) {
    self.credentials = credentials
    self.expiresAt = expiresAt
  }
}

/// Where the keys come from: asked once, and again before they expire or when they were refused.
public final class CredentialsSource {
  /// Gets keys, wherever they are, until a deadline.
  public typealias Obtain = (Deadline) throws(CredentialsError) -> ExpiringCredentials

  /// From then on new ones are asked for: as AWS's SDKs do.
  private static let renewedBefore = Duration.seconds(300)

  private let obtain: Obtain
  private var held: ExpiringCredentials?

  /// - Parameter obtain: called when keys are first needed, when they are about to expire, and when AWS refused
  ///   them.
  public init(_ obtain: @escaping Obtain) {
    self.obtain = obtain
  }

  /// The keys to sign with now.
  ///
  /// - Throws: when there are none, and none are held that are still good.
  public func credentials(until deadline: Deadline) throws(CredentialsError) -> AWSCredentials {
    let now = Timestamp.now()
    if let held, held.expiresAt.map({ now.advanced(by: Self.renewedBefore) < $0 }) ?? true {
      return held.credentials
    }
    do {
      let renewed = try obtain(deadline)
      held = renewed
      return renewed.credentials
    } catch {
      // Those at hand are good for a while yet.
      if let held, let end = held.expiresAt, now < end { return held.credentials }
      throw error
    }
  }

  /// Asks for other keys than `refused`, which AWS did not accept.
  ///
  /// - Returns: nil when there are no others.
  /// - Throws: when there are none at all.
  public func credentials(
    replacing refused: AWSCredentials, until deadline: Deadline
  ) throws(CredentialsError) -> AWSCredentials? {
    held = nil
    let renewed = try credentials(until: deadline)
    return renewed == refused ? nil : renewed
  }
}

extension CredentialsSource {
  /// Those of `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, as Lambda gives them
  /// to a function.
  ///
  /// - Throws: when there are none, only one of two, or what no key can be.
  public static func environment(
    _ environment: Environment
  ) throws(CredentialsError) -> CredentialsSource {
    guard let credentials = try AWSCredentials(environment: environment) else {
      throw .missing(searched: "the environment")
    }
    let expiring = ExpiringCredentials(credentials)
    return CredentialsSource { (_) throws(CredentialsError) in expiring }
  }
}

extension CredentialsSource {
  /// Those that AWS's own command would find without assuming a role or logging in: the environment's, a
  /// profile's in the shared files, a container's.
  ///
  /// For `pooltable`; a Lambda function has its keys in the environment, and reads no files. Roles that
  /// must be assumed and logins (SSO) are left to AWS's command, as the errors say.
  /// - Throws: what can be known at once; files and endpoint are asked when the first call is made, and
  ///   again when keys expire or are refused.
  public static func commandLine(
    _ environment: Environment
  ) throws(CredentialsError) -> CredentialsSource {
    if try AWSCredentials(environment: environment) != nil { return try .environment(environment) }
    let files = SharedFiles(environment: environment)
    let container = try ContainerCredentials(environment: environment)
    return CredentialsSource { (deadline) throws(CredentialsError) in
      if let credentials = try files.credentials() { return ExpiringCredentials(credentials) }
      guard let container else {
        throw .missing(
          searched: "the environment or the files ~/.aws/credentials and ~/.aws/config")
      }
      return try container.credentials(until: deadline)
    }
  }
}
