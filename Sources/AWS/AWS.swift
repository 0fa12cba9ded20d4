// The module AWS is what every call to an AWS service needs, whichever service it is: the keys and where
// they are found (Credentials), the signature of a request or of a URL (Signatures), the host that a
// request goes to (Endpoints), and a call with its errors (Calls). It follows the names and the order of
// AWS's own SDKs.
//
// It knows no service by name, and tries nothing again by itself but with other keys. It prints nothing, and
// no error that it throws carries a key. Roles that must be assumed, logins (SSO) and credential processes
// are left to AWS's command line.

/// A service of AWS, by the names that its hosts, its signatures and its variables have.
public struct AWSService: Sendable {
  /// In a host's name, and in the scope of a signature, as `sts`.
  public let name: String
  /// In the names of hosts whose cryptography is validated by FIPS 140, as `sts-fips`.
  public let fipsName: String
  /// Behind `AWS_ENDPOINT_URL_`, as `STS`: the service id in capitals, with underscores for blanks.
  public let variableSuffix: String
  /// Whether the host of a region speaks IPv6 under the name that it had before dual-stack hosts came.
  let isDualStackUnderItsOldName: @Sendable (_ region: String, _ fips: Bool) -> Bool

  /// - Parameters:
  ///   - name: as in the service's endpoint.
  ///   - fipsName: the same of its FIPS endpoint.
  ///   - variableSuffix: what follows `AWS_ENDPOINT_URL_`.
  ///   - isDualStackUnderItsOldName: by region, and whether FIPS is asked for; by default no host does.
  public init(
    name: String, fipsName: String, variableSuffix: String,
    isDualStackUnderItsOldName: @escaping @Sendable (_ region: String, _ fips: Bool) -> Bool = {
      _, _ in false
    }
  ) {
    self.name = name
    self.fipsName = fipsName
    self.variableSuffix = variableSuffix
    self.isDualStackUnderItsOldName = isDualStackUnderItsOldName
  }
}
