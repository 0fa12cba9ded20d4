import Clock
import HTTP

/// The login that a secret holds: asked of the extension once, and kept in memory.
final class DatabaseSecret {
  /// A secret has at most 64 KiB, and JSON in JSON is escaped twice.
  private static let bodyLimit = 1 << 20

  private let url: String
  private let headers: HTTPHeaderList
  private let client: HTTPClient?
  private var remembered: Login?

  init(_ location: SecretLocation) {
    url =
      "http://localhost:\(location.port)/secretsmanager/get?secretId="
      + percentEncoded(location.arn)
    headers = HTTPHeaderList(["X-Aws-Parameters-Secrets-Token: \(location.token)"])
    client = try? HTTPClient(
      userAgent: "pooltable/\(poolTableVersion)", bodyLimit: Self.bodyLimit,
      connectTimeout: .seconds(1))
  }

  func login(until deadline: Deadline) throws(SecretError) -> Login {
    if let remembered { return remembered }
    return try remember(try get("", until: deadline))
  }

  /// The login as Secrets Manager has it now, past the caches: this object's, and the extension's,
  /// which keeps a secret for 300 s.
  ///
  /// `refreshNow` is documented for the AWS Secrets Manager Agent, which speaks the same protocol; the
  /// extension's documentation lists `secretId`, `versionId` and `versionStage` only. A named stage is
  /// cached apart from the unnamed one, so it helps where `refreshNow` is not known; and where an
  /// unknown parameter is refused, the request is sent without it.
  func renewedLogin(until deadline: Deadline) throws(SecretError) -> Login {
    let stage = "&versionStage=AWSCURRENT"
    var response = try get("\(stage)&refreshNow=true", until: deadline)
    if response.status == 400 { response = try get(stage, until: deadline) }
    return try remember(response)
  }

  private func remember(_ response: HTTPResponse) throws(SecretError) -> Login {
    let login = try SecretAnswer.login(status: response.status, body: response.body)
    remembered = login
    return login
  }

  private func get(
    _ parameters: String, until deadline: Deadline
  ) throws(SecretError) -> HTTPResponse {
    guard let client else { throw .noAnswer("libcurl could not be set up") }
    do {
      return try client.perform(
        HTTPRequest(.get, url: url + parameters, headers: headers), until: deadline)
    } catch .bodyTooLarge {
      throw .malformedAnswer
    } catch {
      throw .noAnswer(error.description)
    }
  }
}
