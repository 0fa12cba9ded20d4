import Clock
import HTTP
import JSON
import Settings

/// Signed calls to one service of AWS, over one connection that is kept. Not for several threads.
///
/// Nothing is tried again, but for one thing: keys that AWS refuses are asked for anew, and where there are others
/// the call is made with them.
public final class ServiceClient {
  /// Bounds one attempt, so that a connection that fell silent does not cost the whole deadline.
  private static let attemptTimeout = Duration.seconds(15)
  private static let connectTimeout = Duration.seconds(3)

  /// Whose calls these are.
  public let service: AWSService
  /// How far AWS's clock is ahead of this machine's, by the last answer that told the time, to the second; nil before.
  public private(set) var clockOffset: Duration?

  private let http: HTTPClient
  private let credentials: CredentialsSource
  private let endpoint: ServiceEndpoint

  /// - Parameters:
  ///   - credentials: where the keys are found, at each call.
  ///   - endpoint: which host is asked.
  ///   - version: this program's, for the service's logs.
  ///   - bodyLimit: the largest answer taken, in bytes.
  ///   - certificates: a file, as `CertificateBundle.file` chooses it.
  /// - Throws: where libcurl cannot be set up.
  public init(
    of service: AWSService, credentials: CredentialsSource, endpoint: ServiceEndpoint = .regional,
    version: String, bodyLimit: Int, certificates: String? = nil
  ) throws(HTTPSetUpError) {
    self.service = service
    self.credentials = credentials
    self.endpoint = endpoint
    http = try HTTPClient(
      userAgent: "pooltable/\(version)", bodyLimit: bodyLimit, connectTimeout: Self.connectTimeout,
      proxy: .fromEnvironment, certificates: certificates, signs: true)
  }

  /// A client as the environment sets it: endpoint, trusted certificates, keys.
  ///
  /// - Parameter credentials: where keys are looked for.
  /// - Throws: where a variable has a bad value, no keys can be looked for, or libcurl cannot be set up.
  public convenience init(
    of service: AWSService, environment: Environment, version: String, bodyLimit: Int,
    credentials: (Environment) throws(CredentialsError) -> CredentialsSource
  ) throws(ServiceSetUpError) {
    let endpoint: ServiceEndpoint
    do { endpoint = try ServiceEndpoint(of: service, environment: environment) } catch {
      throw .setting(error)
    }
    let source: CredentialsSource
    do { source = try credentials(environment) } catch { throw .credentials(error) }
    do {
      try self.init(
        of: service, credentials: source, endpoint: endpoint, version: version,
        bodyLimit: bodyLimit, certificates: CertificateBundle.file(environment: environment))
    } catch {
      throw .http(error)
    }
  }

  /// The name of the host that is asked in `region`.
  public func host(in region: String) -> String { endpoint.host(of: service, region: region) }

  /// Whether there is a host to ask in `region`.
  public func hasHost(in region: String) -> Bool { endpoint.hasHost(in: region) }

  /// Makes a call.
  ///
  /// - Parameters:
  ///   - path: behind the endpoint's `/`; letters, digits, `-`, `_`, `.` and `/` only, which are signed as they are sent.
  ///   - headers: all of them with a value: they are signed.
  /// - Returns: an answer whose status is that of a success.
  public func send(
    _ method: HTTPRequest.Method, path: String = "", headers: HTTPHeaderList? = nil,
    in region: String, until deadline: Deadline
  ) throws(ServiceError) -> HTTPResponse {
    let request = HTTPRequest(
      method, url: endpoint.url(of: service, region: region) + path, headers: headers)
    let keys: AWSCredentials
    do { keys = try credentials.credentials(until: deadline) } catch {
      throw .credentialsUnavailable(error)
    }
    do {
      return try send(request, in: region, signedBy: keys, until: deadline)
    } catch .refused(let fault) where fault.credentialsRefusal != nil {
      let others: AWSCredentials?
      do { others = try credentials.credentials(replacing: keys, until: deadline) } catch {
        throw .credentialsUnavailable(error)
      }
      guard let others else { throw .refused(fault) }
      return try send(request, in: region, signedBy: others, until: deadline)
    }
  }

  /// A call of a service that speaks AWS JSON 1.1.
  ///
  /// - Parameter target: `PREFIX.OPERATION`, as `X-Amz-Target` names it.
  /// - Returns: the members of the answer; none where its body is empty.
  public func call(
    _ target: String, _ parameters: [JSONKey: JSONValue], in region: String,
    until deadline: Deadline
  ) throws(ServiceError) -> [JSONKey: JSONValue] {
    let response = try send(
      .post(Array(JSONValue.object(parameters).jsonText.utf8)),
      headers: HTTPHeaderList([
        "Content-Type: application/x-amz-json-1.1", "X-Amz-Target: \(target)",
      ]), in: region, until: deadline)
    if response.body.isEmpty { return [:] }
    guard let members = (try? JSONValue(parsing: response.body))?.object else {
      throw .malformedAnswer
    }
    return members
  }

  private func send(
    _ request: HTTPRequest, in region: String, signedBy keys: AWSCredentials,
    until deadline: Deadline
  ) throws(ServiceError) -> HTTPResponse {
    guard !deadline.hasPassed else { throw .timedOut }
    let signature = AWSSignature(
      service: service.name, region: endpoint.signingRegion(of: service, region: region),
      credentials: keys)
    let response: HTTPResponse
    do {
      response = try http.perform(
        request.signed(by: signature), until: deadline.capped(at: Self.attemptTimeout))
    } catch .timedOut {
      throw .timedOut
    } catch {
      throw .transport(error)
    }
    if let time = response.headers[lowercased: "date"].flatMap({ Timestamp(httpDate: $0) }) {
      // The fraction of the second is cut off.
      clockOffset = Timestamp.now().duration(to: time.advanced(by: .milliseconds(500)))
    }
    if let fault = ServiceFault(
      status: response.status, typeHeader: response.headers[lowercased: "x-amzn-errortype"],
      body: response.body)
    {
      throw .refused(fault)
    }
    return response
  }
}

/// Why no call can be made at all.
public enum ServiceSetUpError: Error, Sendable, Equatable, CustomStringConvertible {
  case setting(SettingError)
  case credentials(CredentialsError)
  case http(HTTPSetUpError)

  public var description: String {
    switch self {
    case .setting(let error): error.description
    case .credentials(let error): error.description
    case .http(let error): error.description
    }
  }
}
