import AWS
import Clock
import CognitoAPI
import Settings
import TestSupport
import XCTest

final class CognitoEndpointTests: XCTestCase {
  private static let own = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"
  private static let any = "AWS_ENDPOINT_URL"
  private static let ignored = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
  private static let fips = "AWS_USE_FIPS_ENDPOINT"
  private static let dualStack = "AWS_USE_DUALSTACK_ENDPOINT"

  func testTheEnvironmentIsReadAsAWSsSDKsReadIt() throws {
    let (own, any, ignored) = (Self.own, Self.any, Self.ignored)
    let (fips, dualStack) = (Self.fips, Self.dualStack)
    let regional = "https://cognito-idp.eu-central-1.amazonaws.com/"
    let rows: [(environment: [String: String], url: String)] = [
      ([:], regional),
      ([own: "", any: ""], regional),
      ([any: "http://127.0.0.1:5000"], "http://127.0.0.1:5000/"),
      ([any: "http://127.0.0.1:5000/"], "http://127.0.0.1:5000/"),
      ([own: "https://vpce.example/x", any: "http://127.0.0.1"], "https://vpce.example/x/"),
      ([own: "http://a", ignored: "true"], regional),
      ([own: "http://a", ignored: "TRUE"], regional),
      ([any: "http://a", ignored: "true"], regional),
      ([own: "http://a", ignored: "false"], "http://a/"),
      ([own: "http://a", ignored: ""], "http://a/"),
      ([fips: "true"], "https://cognito-idp-fips.eu-central-1.amazonaws.com/"),
      ([fips: "True", own: ""], "https://cognito-idp-fips.eu-central-1.amazonaws.com/"),
      ([fips: "false", dualStack: "false"], regional),
      ([fips: "", dualStack: ""], regional),
      ([dualStack: "true"], regional),
      ([fips: "true", dualStack: "true"], "https://cognito-idp-fips.eu-central-1.api.aws/"),
      (
        [fips: "true", any: "http://a", ignored: "true"],
        "https://cognito-idp-fips.eu-central-1.amazonaws.com/"
      ),
      ([fips: "false", dualStack: "false", any: "http://a"], "http://a/"),
    ]
    let botocores = try BotocoreEndpoints.urls(
      region: "eu-central-1", environments: rows.map(\.environment))
    for (row, botocores) in zip(rows, botocores) {
      let endpoint = try ServiceEndpoint(of: .cognito, environment: Environment(row.environment))
      XCTAssertEqual(
        endpoint.url(of: .cognito, region: "eu-central-1"), row.url, "\(row.environment)")
      // An empty path is written with a slash, also behind a path that has none.
      XCTAssertEqual(
        botocores.hasSuffix("/") ? botocores : "\(botocores)/", row.url, "\(row.environment)")
    }
  }

  func testEveryRegionHasItsHost() throws {
    let endpoints = try BotocoreEndpoints.all()
    for row in endpoints {
      let endpoint = ServiceEndpoint.aws(fips: row.fips, dualStack: row.dualStack)
      XCTAssertEqual(endpoint.url(of: .cognito, region: row.region), "\(row.url)/")
      XCTAssertTrue(endpoint.hasHost(in: row.region), row.region)
      XCTAssertEqual(endpoint.signingRegion(of: .cognito, region: row.region), row.region)
      // The host itself, given as a URL, is known for what it is.
      XCTAssertEqual(
        ServiceEndpoint.url(row.url).signingRegion(of: .cognito, region: "eu-central-1"), row.region
      )
    }
    XCTAssertGreaterThan(endpoints.count, 4 * 45)
    XCTAssertEqual(Set(endpoints.map(\.partition)).count, 8)
    XCTAssertTrue(endpoints.contains { $0.region == "eusc-de-east-1" })
  }

  func testARequestToAnotherRegionsEndpointIsSignedForThatRegion() throws {
    let server = try ScriptedServer([ScriptedCognito.success, ScriptedCognito.success])
    let pool = try XCTUnwrap(UserPoolID("us-east-1_ExaMPLe01"))
    for (host, region) in [
      ("cognito-idp.us-west-2.localhost", "us-west-2"), ("127.0.0.1", "us-east-1"),
    ] {
      let client = try CognitoClient(
        credentials: CredentialsSource { _ in ExpiringCredentials(ScriptedCognito.keys) },
        endpoint: .url("http://\(host):\(server.port)"), version: "1", backOff: nil)
      _ = try client.listUsers(in: pool, until: .after(.seconds(60)))
      let signature = AWSSignature(
        service: "cognito-idp", region: region, credentials: ScriptedCognito.keys)
      XCTAssertEqual(
        try BotocoreSignatures.violations(
          in: Array(server.requests.suffix(1)), signature: signature), [[]], host)
    }
  }

  func testAURLAndAWSsOwnHostsExcludeEachOther() throws {
    for (fips, dualStack, url, named) in [
      ("true", "false", Self.any, Self.fips), ("false", "true", Self.any, Self.dualStack),
      ("true", "true", Self.own, Self.fips),
    ] {
      let environment = [Self.fips: fips, Self.dualStack: dualStack, url: "http://a"]
      XCTAssertThrowsError(try ServiceEndpoint(of: .cognito, environment: Environment(environment)))
      {
        XCTAssertTrue("\($0)".hasPrefix("\(named) cannot be true where \(url) is set"), "\($0)")
      }
      XCTAssertTrue(
        try BotocoreEndpoints.refusal(ofURLWithFIPS: fips == "true", dualStack: dualStack == "true")
          .contains("and custom endpoint are not supported"))
    }
  }
}
