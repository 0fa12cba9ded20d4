import AWS
import Clock
import CognitoTriggers
import HTTP
import JSON

// Calls to Cognito's own API: one method a call, typed answers, errors that name the remedy.
//
// What passes by itself is tried again until the call's deadline; every call may be repeated. Of the text that Cognito
// writes for people, only the constraint that a value failed is kept. Nothing here knows the table.

/// Every call takes one: whoever calls need not know of triggers.
public typealias UserPoolID = CognitoTriggers.UserPoolID

extension UserPoolID {
  /// Whether `region` has a replica of the pool, which may be read and not written, where it has the pool at all.
  ///
  /// - Parameter region: of who asks; an emulator's word for one says nothing.
  /// - Source: Amazon Cognito Developer Guide, "Multi-Region replication": the id keeps the primary's region.
  public func isReplica(in region: String) -> Bool {
    region != primaryRegion && Partition.isRegion(region) && Partition.isRegion(primaryRegion)
  }
}

/// Calls to Cognito's API, signed, over one connection that is kept. Not for several threads.
///
/// What passes by itself (throttling, Cognito's own faults, the network's) is tried again until the
/// call's deadline. A call may therefore be carried out more than once, or have taken effect although it failed:
/// all of them may be repeated.
///
/// Source: Amazon Cognito user pools API reference; the protocol is AWS JSON 1.1.
public final class CognitoClient {
  /// A page of 60 users with 50 attributes of 2,048 characters each, escaped, stays below.
  static let bodyLimit = 64 << 20

  /// Called with each failure after which a call is tried again, and until when: nobody should wait without
  /// knowing what for.
  public var willRetry: ((CognitoError, Deadline) -> Void)?

  /// Asked while a call waits to be tried again, ten times a second: whether it has been given up.
  public var isCancelled: (() -> Bool)?

  private let calls: ServiceClient
  private let backOff: BackOff?
  private var random = SystemRandomNumberGenerator()
  private var headers: [CognitoOperation: HTTPHeaderList] = [:]

  /// - Parameters:
  ///   - credentials: where the keys are found, at each call.
  ///   - endpoint: which host is asked.
  ///   - version: this program's, for Cognito's logs.
  ///   - certificates: a file, as `CertificateBundle.file` chooses it.
  ///   - backOff: between attempts; nil tries nothing again.
  /// - Throws: where libcurl cannot be set up.
  public convenience init(
    credentials: CredentialsSource, endpoint: ServiceEndpoint = .regional, version: String,
    certificates: String? = nil, backOff: BackOff? = BackOff()
  ) throws(HTTPSetUpError) {
    self.init(
      try ServiceClient(
        of: .cognito, credentials: credentials, endpoint: endpoint, version: version,
        bodyLimit: Self.bodyLimit, certificates: certificates), backOff: backOff)
  }

  /// - Parameters:
  ///   - calls: to Cognito.
  ///   - backOff: between attempts; nil tries nothing again.
  init(_ calls: ServiceClient, backOff: BackOff?) {
    self.calls = calls
    self.backOff = backOff
  }

  /// The name of the host that is asked about `pool`.
  public func host(for pool: UserPoolID) -> String { calls.host(in: pool.region) }

  /// Whether there is a host to ask about `pool`: its id names a region, or one endpoint serves all.
  public func hasHost(for pool: UserPoolID) -> Bool { calls.hasHost(in: pool.region) }

  /// How far Cognito's clock is ahead of this machine's, by its last answer, to the second; nil before.
  public var clockOffset: Duration? { calls.clockOffset }

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
    return end.sleep(unless: isCancelled)
  }

  private func attempt(
    _ operation: CognitoOperation, _ body: [UInt8], in pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) -> [UInt8] {
    do {
      return try calls.send(
        .post(body), headers: headers(for: operation), in: pool.region, until: deadline
      ).body
    } catch {
      throw CognitoError(error, of: operation)
    }
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

/// A call of Cognito's API. The raw value is its name there, and in the IAM action `cognito-idp:NAME`.
public enum CognitoOperation: String, Sendable {
  case updateAttributes = "AdminUpdateUserAttributes"
  case addUserToGroup = "AdminAddUserToGroup"
  case removeUserFromGroup = "AdminRemoveUserFromGroup"
  case listGroupsForUser = "AdminListGroupsForUser"
  case createGroup = "CreateGroup"
  case getUser = "AdminGetUser"
  case listUsers = "ListUsers"
  case linkProvider = "AdminLinkProviderForUser"
  case deleteUser = "AdminDeleteUser"
  case describePool = "DescribeUserPool"
  case listClients = "ListUserPoolClients"
  case describeClient = "DescribeUserPoolClient"
  case listReplicas = "ListUserPoolReplicas"
  case csvHeader = "GetCSVHeader"
  case createImportJob = "CreateUserImportJob"
  case startImportJob = "StartUserImportJob"
  case describeImportJob = "DescribeUserImportJob"
}

/// How long to wait between attempts: up to twice as long each time, and each wait a random part of that, so
/// that clients that were refused together do not come back together.
///
/// Source: AWS Architecture Blog, "Exponential Backoff And Jitter" ("full jitter").
public struct BackOff: Sendable, Equatable {
  /// The longest first wait.
  public var base: Duration
  /// The longest of all waits.
  public var cap: Duration

  /// - Parameters:
  ///   - base: the longest first wait.
  ///   - cap: the longest of all waits.
  public init(base: Duration = .milliseconds(100), cap: Duration = .seconds(5)) {
    self.base = base
    self.cap = cap
  }

  /// The longest wait after `failures` failures in a row, from 1.
  public func limit(afterFailures failures: Int) -> Duration {
    var limit = base
    var doublings = failures
    while doublings > 1, limit > .zero, limit < cap {
      limit *= 2
      doublings -= 1
    }
    return min(limit, cap)
  }

  /// - Returns: from nothing up to `limit`, every length equally likely.
  public func wait(
    afterFailures failures: Int, using random: inout some RandomNumberGenerator
  ) -> Duration {
    limit(afterFailures: failures) * Double.random(in: 0..<1, using: &random)
  }
}
