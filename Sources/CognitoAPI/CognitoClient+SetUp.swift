import AWS
import HTTP
import Settings

extension CognitoClient {
  /// A client as the environment sets it: endpoint, trusted certificates, keys.
  ///
  /// - Parameters:
  ///   - version: this program's, for Cognito's logs.
  ///   - backOff: between attempts; nil tries nothing again.
  ///   - credentials: where keys are looked for; by default where Lambda puts them.
  /// - Throws: where a variable has a bad value, no keys can be looked for, or libcurl cannot be set up.
  public convenience init(
    environment: Environment, version: String, backOff: BackOff? = BackOff(),
    credentials: (Environment) throws(CredentialsError) -> CredentialsSource =
      CredentialsSource.environment
  ) throws(ServiceSetUpError) {
    self.init(
      try ServiceClient(
        of: .cognito, environment: environment, version: version, bodyLimit: Self.bodyLimit,
        credentials: credentials), backOff: backOff)
  }
}

extension AWSService {
  /// Amazon Cognito user pools.
  ///
  /// Source: the endpoint rule set of `cognito-idp`, as botocore has it.
  public static let cognito = AWSService(
    name: "cognito-idp", fipsName: "cognito-idp-fips",
    variableSuffix: "COGNITO_IDENTITY_PROVIDER",
    // These hosts of the public partition got IPv6 under the name that they had.
    isDualStackUnderItsOldName: { region, fips in
      fips
        ? ["us-east-1", "us-east-2", "us-west-1", "us-west-2"].contains(region)
        : Partition(region: region) == .aws
    })
}
