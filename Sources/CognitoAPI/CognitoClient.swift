import AWS
import Clock
import HTTP
import JSON
import Settings

// Calls to Cognito's own API: one method a call, typed answers, errors that name the remedy.
//
// What passes by itself is tried again until the call's deadline; every call may be repeated. Of what Cognito writes for
// people nothing is kept but the constraint that a value failed. Nothing here knows the table.

/// Calls to Cognito's API, signed, over one connection that is kept. Not for several threads.
///
/// What passes by itself (throttling, Cognito's own faults, the network's) is tried again until the
/// call's deadline. Every call may therefore have been carried out more often than once, or although it
/// failed: all of them may be repeated.
///
/// Source: Amazon Cognito user pools API reference; the protocol is AWS JSON 1.1.
public final class CognitoClient {
  /// A page of 60 users with 50 attributes of 2,048 characters each, escaped, stays below.
  private static let bodyLimit = 64 << 20
  /// Bounds one attempt, so that a connection that fell silent does not cost the whole deadline.
  private static let attemptTimeout = Duration.seconds(15)

  /// Called with each failure after which a call is tried again, and until when: nobody should wait without
  /// knowing for what.
  public var willRetry: ((CognitoError, Deadline) -> Void)?

  /// Asked while a call waits to be tried again: whether somebody has given it up.
  public var isCancelled: (() -> Bool)?

  private let http: HTTPClient
  private let credentials: CredentialsSource
  private let endpoint: ServiceEndpoint
  private let backOff: BackOff?
  private var random = SystemRandomNumberGenerator()
  private var headers: [CognitoOperation: HTTPHeaderList] = [:]

  /// - Parameters:
  ///   - version: this program's, for Cognito's logs.
  ///   - certificates: a file, as `CertificateBundle.file` chooses it.
  ///   - backOff: nil tries nothing again.
  public init(
    credentials: CredentialsSource, endpoint: ServiceEndpoint = .regional, version: String,
    certificates: String? = nil, backOff: BackOff? = BackOff()
  ) throws(HTTPSetUpError) {
    http = try HTTPClient(
      userAgent: "pooltable/\(version)", bodyLimit: Self.bodyLimit, connectTimeout: .seconds(3),
      proxy: .fromEnvironment, certificates: certificates, signs: true)
    self.credentials = credentials
    self.endpoint = endpoint
    self.backOff = backOff
  }

  /// The name of the host that is asked about `pool`.
  public func host(for pool: UserPoolID) -> String {
    endpoint.host(of: .cognito, region: pool.region)
  }

  /// Whether there is a host to ask about `pool`: its id names a region, or one endpoint serves all.
  public func hasHost(for pool: UserPoolID) -> Bool {
    endpoint.hasHost(in: pool.region)
  }

  /// Does a call, as often as it takes.
  ///
  /// - Returns: the members of the answer.
  func call(
    _ operation: CognitoOperation, _ parameters: [JSONKey: JSONValue], in pool: UserPoolID,
    until deadline: Deadline
  ) throws(CognitoError) -> [JSONKey: JSONValue] {
    try CognitoAnswer.members(
      in: try body(of: operation, parameters, in: pool, until: deadline), of: operation)
  }

  /// Does a call, as often as it takes.
  ///
  /// - Returns: the answer as it came; that it is one of Cognito's is not looked at.
  func body(
    of operation: CognitoOperation, _ parameters: [JSONKey: JSONValue], in pool: UserPoolID,
    until deadline: Deadline
  ) throws(CognitoError) -> [UInt8] {
    let parameters = parameters.merging(["UserPoolId": .string(pool.text)]) { given, _ in given }
    let body = Array(JSONValue.object(parameters).jsonText.utf8)
    var failures = 0
    var last: CognitoError?
    while true {
      let failure: CognitoError
      do {
        return try attempt(operation, body, in: pool, until: deadline)
      } catch {
        // What was wrong before says more than that time has run out since.
        failure = error == .timedOut && deadline.hasPassed ? last ?? error : error
      }
      failures += 1
      if failure != .timedOut { last = failure }
      guard let backOff, failure.isTransient else { throw failure }
      let wait = backOff.wait(afterFailures: failures, using: &random)
      guard wait < deadline.remaining, isCancelled?() != true else { throw failure }
      willRetry?(failure, deadline)
      guard sleep(until: .after(wait)) else { throw failure }
    }
  }

  /// - Returns: false where the call was given up meanwhile.
  private func sleep(until end: Deadline) -> Bool {
    guard let isCancelled else {
      end.sleep()
      return true
    }
    while !end.hasPassed, !isCancelled() { end.capped(at: .milliseconds(100)).sleep() }
    return !isCancelled()
  }

  private func attempt(
    _ operation: CognitoOperation, _ body: [UInt8], in pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) -> [UInt8] {
    let keys: AWSCredentials
    do { keys = try credentials.credentials(until: deadline) } catch {
      throw .credentialsUnavailable(error)
    }
    do {
      return try send(operation, body, in: pool, signedBy: keys, until: deadline)
    } catch .credentialsRefused(let refusal) {
      let others: AWSCredentials?
      do { others = try credentials.credentials(replacing: keys, until: deadline) } catch {
        throw .credentialsUnavailable(error)
      }
      guard let others else { throw .credentialsRefused(refusal) }
      return try send(operation, body, in: pool, signedBy: others, until: deadline)
    }
  }

  private func send(
    _ operation: CognitoOperation, _ body: [UInt8], in pool: UserPoolID,
    signedBy keys: AWSCredentials, until deadline: Deadline
  ) throws(CognitoError) -> [UInt8] {
    guard !deadline.hasPassed else { throw .timedOut }
    let request = HTTPRequest(
      .post(body), url: endpoint.url(of: .cognito, region: pool.region),
      headers: headers(for: operation)
    ).signed(
      by: AWSSignature(
        service: AWSService.cognito.name,
        region: endpoint.signingRegion(of: .cognito, region: pool.region), credentials: keys))
    let response: HTTPResponse
    do {
      response = try http.perform(request, until: deadline.capped(at: Self.attemptTimeout))
    } catch .timedOut {
      throw .timedOut
    } catch {
      throw .transport(error)
    }
    try CognitoAnswer.check(
      operation, status: response.status,
      typeHeader: response.headers[lowercased: "x-amzn-errortype"], body: response.body)
    return response.body
  }

  private func headers(for operation: CognitoOperation) -> HTTPHeaderList {
    if let known = headers[operation] { return known }
    let list = HTTPHeaderList([
      "Content-Type: application/x-amz-json-1.1",
      "X-Amz-Target: AWSCognitoIdentityProviderService.\(operation.rawValue)",
    ])
    headers[operation] = list
    return list
  }
}

extension CognitoClient {
  /// A client as the environment sets it: endpoint, trusted certificates, keys.
  ///
  /// - Parameter credentials: where keys are looked for; by default where Lambda puts them.
  public convenience init(
    environment: Environment, version: String, backOff: BackOff? = BackOff(),
    credentials: (Environment) throws(CredentialsError) -> CredentialsSource =
      CredentialsSource.environment
  ) throws(CognitoSetUpError) {
    let endpoint: ServiceEndpoint
    do { endpoint = try ServiceEndpoint(of: .cognito, environment: environment) } catch {
      throw .setting(error)
    }
    let source: CredentialsSource
    do { source = try credentials(environment) } catch { throw .credentials(error) }
    do {
      try self.init(
        credentials: source, endpoint: endpoint, version: version,
        certificates: CertificateBundle.file(environment: environment), backOff: backOff)
    } catch {
      throw .http(error)
    }
  }
}

/// Why no call can be made at all.
public enum CognitoSetUpError: Error, Sendable, Equatable, CustomStringConvertible {
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
