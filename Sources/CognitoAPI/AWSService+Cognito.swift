import AWS

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
