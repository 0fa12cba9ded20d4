import Clock
import HTTP

/// Keys, and until when they are good.
public struct ExpiringCredentials: Sendable, Equatable {
  public var credentials: AWSCredentials
  /// Nil: they do not expire, or nobody said when.
  public var expiresAt: Timestamp?

  public init(_ credentials: AWSCredentials, expiresAt: Timestamp? = nil) {
    self.credentials = credentials
    self.expiresAt = expiresAt
  }
}

/// Where the keys come from: asked once, and again before they expire or when they were refused.
public final class CredentialsSource {
  public typealias Obtain = (Deadline) throws(CredentialsError) -> ExpiringCredentials

  /// From then on new ones are asked for: as AWS's SDKs do.
  private static let renewedBefore = Duration.seconds(300)

  private let obtain: Obtain
  private var held: ExpiringCredentials?

  public init(_ obtain: @escaping Obtain) {
    self.obtain = obtain
  }

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

  /// Asks for others than `refused`. - Returns: nil when there are none.
  func credentials(
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
  public static func environment(
    _ environment: [String: String]
  ) throws(CredentialsError) -> CredentialsSource {
    guard let credentials = try AWSCredentials(environment: environment) else {
      throw .missing(searched: "the environment")
    }
    let expiring = ExpiringCredentials(credentials)
    return CredentialsSource { (_) throws(CredentialsError) in expiring }
  }
}

extension AWSCredentials {
  /// - Returns: nil when the environment has no key; one that is set to nothing counts as not set.
  /// - Throws: when it has one of two, or what no key can be.
  init?(environment: [String: String]) throws(CredentialsError) {
    func value(_ name: String) throws(CredentialsError) -> String? {
      guard let value = environment[name], !value.isEmpty else { return nil }
      guard Self.canBeSent(value) else { throw .malformed(variable: name) }
      return value
    }
    let id = try value("AWS_ACCESS_KEY_ID")
    let secret = try value("AWS_SECRET_ACCESS_KEY")
    switch (id, secret) {
    case (nil, nil): return nil
    case (nil, _): throw .malformed(variable: "AWS_ACCESS_KEY_ID")
    case (_, nil): throw .malformed(variable: "AWS_SECRET_ACCESS_KEY")
    case (let id?, let secret?):
      self.init(
        accessKeyID: id, secretAccessKey: secret, sessionToken: try value("AWS_SESSION_TOKEN"))
    }
  }

  /// Visible ASCII only: anything else in a header would be another header, or none.
  static func canBeSent(_ value: String) -> Bool {
    !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }
}
