import AWS
import CognitoAPI
import Settings

/// The way to AWS's API.
public struct CloudAccess {
  /// Where keys are looked for.
  public typealias Credentials = (Environment) throws(CredentialsError) -> CredentialsSource

  /// For keys, endpoints and trusted certificates.
  let environment: Environment
  /// This program's.
  let version: String
  let credentials: Credentials

  /// - Parameters: as the properties of the same names.
  public init(
    environment: Environment, version: String, credentials: @escaping Credentials
  ) {
    self.environment = environment
    self.version = version
    self.credentials = credentials
  }

  /// - Throws: where no call can be made.
  func client(of service: AWSService) throws(ServiceSetUpError) -> ServiceClient {
    try ServiceClient(
      of: service, environment: environment, version: version, bodyLimit: 8 << 20,
      credentials: credentials)
  }
}

extension AWSService {
  /// Source: the endpoint rule sets of these services, as botocore has them.
  static let lambda = AWSService(
    name: "lambda", fipsName: "lambda-fips", variableSuffix: "LAMBDA")
  static let eventBridge = AWSService(
    name: "events", fipsName: "events-fips", variableSuffix: "EVENTBRIDGE")
  static let cloudTrail = AWSService(
    name: "cloudtrail", fipsName: "cloudtrail-fips", variableSuffix: "CLOUDTRAIL")
}

extension CognitoError {
  /// The same, for who tries nothing again.
  var told: String {
    switch self {
    case .throttled: "Cognito throttles: too many requests"
    case .blocked: "AWS WAF blocks this caller"
    case .internalError(let status): "Cognito failed, status \(status)"
    default: description
    }
  }
}
