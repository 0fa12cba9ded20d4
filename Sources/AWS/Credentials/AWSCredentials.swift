import Settings

/// The keys of an AWS identity.
///
/// Deliberately not `CustomStringConvertible`: it holds the secret key.
public struct AWSCredentials: Sendable, Equatable {
  /// Names the identity; it is sent with every request.
  public var accessKeyID: String
  /// Signs requests, and is never sent.
  public var secretAccessKey: String
  /// Goes with keys that expire, as a role's do.
  public var sessionToken: String?

  /// The texts as AWS gave them; they are not checked.
  public init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
  }
}

extension AWSCredentials {
  /// - Returns: nil when the environment has no key.
  /// - Throws: when it has one of two, or what no key can be.
  init?(environment: Environment) throws(CredentialsError) {
    func value(_ name: String) throws(CredentialsError) -> String? {
      guard let value = environment[name] else { return nil }
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
