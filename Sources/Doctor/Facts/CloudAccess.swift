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

extension ServiceError {
  /// Why `action` gave no answer, in a line without what the service wrote for people.
  ///
  /// - Parameter action: as IAM names it, `cloudtrail:DescribeTrails`.
  func told(of action: String) -> String {
    switch self {
    case .credentialsUnavailable(let error): error.description
    case .transport(let error): "\(action) could not be asked: \(error)"
    case .timedOut: "\(action) was not answered in time"
    case .malformedAnswer: "the answer to \(action) is not AWS's"
    case .refused(let fault):
      if let refusal = fault.credentialsRefusal {
        refusal.description
      } else if fault.isAccessDenied {
        "\(action) is not allowed here"
      } else {
        "\(action) was answered with \(fault.name ?? "an error without a name"), status \(fault.status)"
      }
    }
  }
}
