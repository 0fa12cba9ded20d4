/// The keys of an AWS identity.
///
/// Deliberately not `CustomStringConvertible`: it holds the secret key.
public struct AWSCredentials: Sendable, Equatable {
  public var accessKeyID: String
  public var secretAccessKey: String
  /// Goes with keys that expire, as a role's do.
  public var sessionToken: String?

  public init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
  }
}

/// Who signs a request, and for which service: AWS Signature Version 4 in the request's headers, made by
/// libcurl.
///
/// Signed are the method, the path, the body, `Host`, the time, every header of the request's own list,
/// and the session token's. A header that is listed without a value must not be among them: libcurl
/// 7.88 signs it and does not send it.
///
/// Source: `CURLOPT_AWS_SIGV4`, and libcurl's `lib/http_aws_sigv4.c`.
public struct AWSSignature: Sendable, Equatable {
  /// As in the service's endpoint, as `cognito-idp`.
  public var service: String
  public var region: String
  public var credentials: AWSCredentials

  public init(service: String, region: String, credentials: AWSCredentials) {
    self.service = service
    self.region = region
    self.credentials = credentials
  }

  /// For `CURLOPT_AWS_SIGV4`.
  var scope: String { "aws:amz:\(region):\(service)" }
}
