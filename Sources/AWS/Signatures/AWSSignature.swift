import HTTP

/// Who signs a request, and for which service: AWS Signature Version 4 in the request's headers, made by
/// libcurl.
///
/// Signed are the method, the path, the body, `Host`, the time, every header of the request's own list,
/// and the session token's. A header that is listed without a value must not be among them: libcurl
/// 7.88 signs it and does not send it.
///
/// Source: `CURLOPT_AWS_SIGV4`, and libcurl's `lib/http_aws_sigv4.c`.
public struct AWSSignature: Sendable, Equatable {
  /// As in the service's endpoint, as `sts`.
  public var service: String
  /// The endpoint's.
  public var region: String
  /// The keys that sign.
  public var credentials: AWSCredentials

  /// - Parameters:
  ///   - service: an `AWSService`'s name.
  ///   - region: the endpoint's, as `eu-central-1`.
  ///   - credentials: the keys that sign.
  public init(service: String, region: String, credentials: AWSCredentials) {
    self.service = service
    self.region = region
    self.credentials = credentials
  }

  fileprivate var forLibcurl: HTTPSignature {
    HTTPSignature(
      scope: "aws:amz:\(region):\(service)", user: credentials.accessKeyID,
      password: credentials.secretAccessKey)
  }
}

extension HTTPRequest {
  /// The same request, to be signed when it is sent; with the session token's header where there is a token.
  public func signed(by signature: AWSSignature) -> HTTPRequest {
    var request = self
    request.signature = signature.forLibcurl
    if let token = signature.credentials.sessionToken {
      request.headers = HTTPHeaderList(headers, adding: "X-Amz-Security-Token: \(token)")
    }
    return request
  }
}
