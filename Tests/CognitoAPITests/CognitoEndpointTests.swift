import Clock
import HTTP
import TestSupport
import XCTest

@testable import CognitoAPI

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
      let endpoint = try CognitoEndpoint(environment: row.environment)
      XCTAssertEqual(endpoint.url(region: "eu-central-1"), row.url, "\(row.environment)")
      // An empty path is written with a slash, also behind a path that has none.
      XCTAssertEqual(
        botocores.hasSuffix("/") ? botocores : "\(botocores)/", row.url, "\(row.environment)")
    }
  }

  func testEveryRegionHasItsHost() throws {
    let endpoints = try BotocoreEndpoints.all()
    for row in endpoints {
      let endpoint = CognitoEndpoint.aws(fips: row.fips, dualStack: row.dualStack)
      XCTAssertEqual(endpoint.url(region: row.region), "\(row.url)/")
      XCTAssertEqual(Partition(region: row.region).id, row.partition, row.region)
      XCTAssertTrue(endpoint.hasHost(poolRegion: row.region), row.region)
      XCTAssertEqual(endpoint.signingRegion(poolRegion: row.region), row.region)
      // The host itself, given as a URL, is known for what it is.
      XCTAssertEqual(
        CognitoEndpoint.url(row.url).signingRegion(poolRegion: "eu-central-1"), row.region)
    }
    XCTAssertGreaterThan(endpoints.count, 4 * 45)
    XCTAssertEqual(Set(endpoints.map(\.partition)).count, 8)
    XCTAssertTrue(endpoints.contains { $0.region == "eusc-de-east-1" })
  }

  func testOnlyARegionHasAHostOfAWSs() {
    for region in [
      "local", "eu-central", "eu-central-", "-1", "eu_central-1", "eu--1", "EU-west-1",
    ] {
      XCTAssertFalse(CognitoEndpoint.regional.hasHost(poolRegion: region), region)
      XCTAssertTrue(CognitoEndpoint.url("http://127.0.0.1").hasHost(poolRegion: region), region)
    }
    for region in ["eu-central-1", "us-gov-east-1", "xx-somewhere-new-12"] {
      XCTAssertTrue(CognitoEndpoint.regional.hasHost(poolRegion: region), region)
    }
  }

  func testTheSigningRegionIsTheEndpoints() {
    let rows = [
      ("https://cognito-idp.us-west-2.amazonaws.com", "us-west-2"),
      ("https://vpce-1-a.cognito-idp.us-west-2.vpce.amazonaws.com:443/", "us-west-2"),
      ("https://cognito-idp-fips.us-gov-west-1.amazonaws.com/x", "us-gov-west-1"),
      ("http://user@cognito-idp.us-west-2.localhost:5000", "us-west-2"),
      ("http://127.0.0.1:5000", "eu-central-1"), ("http://localhost", "eu-central-1"),
      ("https://cognito-idp.example.com", "eu-central-1"),
      ("https://gateway.us-west-2.example.com", "eu-central-1"),
      ("https://gateway.example/cognito-idp.us-west-2.amazonaws.com", "eu-central-1"),
    ]
    for (url, region) in rows {
      XCTAssertEqual(
        CognitoEndpoint.url(url).signingRegion(poolRegion: "eu-central-1"), region, url)
    }
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

  func testASwitchIsTrueOrFalse() {
    for name in [Self.ignored, Self.fips, Self.dualStack] {
      for value in ["yes", "1", "on", " true", "wahr"] {
        XCTAssertThrowsError(try CognitoEndpoint(environment: [name: value]), "\(name)=\(value)") {
          XCTAssertEqual("\($0)", "\(name) must be true or false")
        }
      }
    }
  }

  func testAURLAndAWSsOwnHostsExcludeEachOther() throws {
    for (fips, dualStack, url, named) in [
      ("true", "false", Self.any, Self.fips), ("false", "true", Self.any, Self.dualStack),
      ("true", "true", Self.own, Self.fips),
    ] {
      let environment = [Self.fips: fips, Self.dualStack: dualStack, url: "http://a"]
      XCTAssertThrowsError(try CognitoEndpoint(environment: environment)) {
        XCTAssertTrue("\($0)".hasPrefix("\(named) cannot be true where \(url) is set"), "\($0)")
      }
      XCTAssertTrue(
        try BotocoreEndpoints.refusal(ofURLWithFIPS: fips == "true", dualStack: dualStack == "true")
          .contains("and custom endpoint are not supported"))
    }
  }

  func testOnlyHTTPIsAnEndpoint() {
    for url in [
      "file:///etc/passwd", "localhost:5000", "https://", "http://a b", "http://a\r\nX: y",
      "http://ä",
    ] {
      XCTAssertThrowsError(try CognitoEndpoint(environment: ["AWS_ENDPOINT_URL": url]), url) {
        XCTAssertEqual("\($0)", "AWS_ENDPOINT_URL must be an http or https URL")
      }
    }
  }
}
