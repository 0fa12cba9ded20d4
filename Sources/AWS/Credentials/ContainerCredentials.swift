import Clock
import HTTP
import JSON
import Settings

/// The keys of the role that a container runs as, from an endpoint that ECS, EKS and CodeBuild provide.
///
/// Source: AWS SDKs and Tools Reference Guide, "Container credential provider".
struct ContainerCredentials {
  /// ECS's own address for it.
  private static let host = "http://169.254.170.2"
  /// Beside this machine's own: ECS, and EKS in both protocols. Elsewhere the token is for TLS only.
  private static let hostsWithoutTLS = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"]
  private static let attemptTimeout = Duration.seconds(5)

  private let url: String
  private let token: String?
  private let tokenPath: String?

  /// - Returns: nil when the environment names no endpoint.
  init?(environment: Environment) throws(CredentialsError) {
    if let path = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
      guard path.hasPrefix("/"), AWSCredentials.canBeSent(path) else {
        throw .malformed(variable: "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
      }
      url = Self.host + path
    } else if let url = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] {
      guard Self.mayBeAsked(url) else {
        throw .endpointNotAllowed(variable: "AWS_CONTAINER_CREDENTIALS_FULL_URI")
      }
      self.url = url
    } else {
      return nil
    }
    tokenPath = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]
    token = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
  }

  /// Whether an endpoint may be asked: over TLS any, otherwise only where nobody can listen in.
  static func mayBeAsked(_ url: String) -> Bool {
    guard AWSCredentials.canBeSent(url) else { return false }
    if url.hasPrefix("https://") { return true }
    guard let host = PlainHTTPHost(of: url) else { return false }
    return host.isLoopback || hostsWithoutTLS.contains(host.name)
  }

  func credentials(until deadline: Deadline) throws(CredentialsError) -> ExpiringCredentials {
    var lines: [String] = []
    if let token = try authorization() { lines.append("Authorization: \(token)") }
    let client = try? HTTPClient(
      userAgent: "pooltable", bodyLimit: 1 << 20, connectTimeout: .seconds(1),
      certificates: CertificateBundle.file(chosen: nil))
    guard let client else { throw .endpointAnswer }
    let response: HTTPResponse
    do {
      response = try client.perform(
        HTTPRequest(.get, url: url, headers: HTTPHeaderList(lines)),
        until: deadline.capped(at: Self.attemptTimeout))
    } catch {
      throw .endpointTransport(error)
    }
    guard response.status == 200 else { throw .endpointStatus(response.status) }
    return try Self.credentials(in: response.body)
  }

  /// The file counts before the value, and is read each time: EKS renews it.
  private func authorization() throws(CredentialsError) -> String? {
    guard let tokenPath else {
      guard let token else { return nil }
      guard Self.isHeaderValue(token) else {
        throw .malformed(variable: "AWS_CONTAINER_AUTHORIZATION_TOKEN")
      }
      return token
    }
    let variable = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
    guard let text = try SharedFiles.contents(of: tokenPath, variable: variable) else {
      throw .unreadableFile(variable: variable)
    }
    let token = text.last?.isNewline == true ? String(text.dropLast()) : text
    guard Self.isHeaderValue(token) else { throw .malformed(variable: variable) }
    return token
  }

  /// A space is allowed: `Bearer …`.
  private static func isHeaderValue(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
  }

  static func credentials(in body: [UInt8]) throws(CredentialsError) -> ExpiringCredentials {
    guard let members = (try? JSONValue(parsing: body, unstorable: .refused))?.object,
      let id = members["AccessKeyId"]?.string, AWSCredentials.canBeSent(id),
      let secret = members["SecretAccessKey"]?.string, AWSCredentials.canBeSent(secret)
    else { throw .endpointAnswer }
    let token = members["Token"]?.string
    guard token.map(AWSCredentials.canBeSent) ?? true else { throw .endpointAnswer }
    return ExpiringCredentials(
      AWSCredentials(accessKeyID: id, secretAccessKey: secret, sessionToken: token),
      expiresAt: members["Expiration"]?.string.flatMap { Timestamp(iso8601: $0) })
  }
}
