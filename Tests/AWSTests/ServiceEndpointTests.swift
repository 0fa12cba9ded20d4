import AWS
import Settings
import XCTest

final class ServiceEndpointTests: XCTestCase {
  private static let service = AWSService(
    name: "cognito-idp", fipsName: "cognito-idp-fips", variableSuffix: "COGNITO_IDENTITY_PROVIDER")
  private static let tokens = AWSService(
    name: "sts", fipsName: "sts-fips", variableSuffix: "STS")

  func testEachServiceHasItsOwnVariable() throws {
    let environment = [
      "AWS_ENDPOINT_URL_STS": "http://sts.example/", "AWS_ENDPOINT_URL": "http://any.example/",
    ]
    XCTAssertEqual(
      try ServiceEndpoint(of: Self.tokens, environment: Environment(environment)),
      .url("http://sts.example/"))
    XCTAssertEqual(
      try ServiceEndpoint(of: Self.service, environment: Environment(environment)),
      .url("http://any.example/"))
  }

  func testEachServiceHasItsOwnHosts() {
    let rows: [(fips: Bool, dualStack: Bool, region: String, url: String)] = [
      (false, false, "eu-central-1", "https://sts.eu-central-1.amazonaws.com/"),
      (true, false, "us-east-1", "https://sts-fips.us-east-1.amazonaws.com/"),
      (false, true, "eu-central-1", "https://sts.eu-central-1.api.aws/"),
      (true, true, "us-east-1", "https://sts-fips.us-east-1.api.aws/"),
      (false, false, "cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn/"),
      (false, true, "cn-north-1", "https://sts.cn-north-1.api.amazonwebservices.com.cn/"),
    ]
    for row in rows {
      let endpoint = ServiceEndpoint.aws(fips: row.fips, dualStack: row.dualStack)
      XCTAssertEqual(endpoint.url(of: Self.tokens, region: row.region), row.url)
    }
    let host = ServiceEndpoint.url("https://sts.us-west-2.amazonaws.com")
    XCTAssertEqual(host.signingRegion(of: Self.tokens, region: "eu-central-1"), "us-west-2")
    XCTAssertEqual(host.signingRegion(of: Self.service, region: "eu-central-1"), "eu-central-1")
  }

  func testOnlyARegionHasAHostOfAWSs() {
    for region in [
      "local", "eu-central", "eu-central-", "-1", "eu_central-1", "eu--1", "EU-west-1", "eu-1",
      "eu-central-x", "eu-central-1a",
    ] {
      XCTAssertFalse(ServiceEndpoint.regional.hasHost(in: region), region)
      XCTAssertTrue(ServiceEndpoint.url("http://127.0.0.1").hasHost(in: region), region)
    }
    for region in ["eu-central-1", "us-gov-east-1", "xx-somewhere-new-12"] {
      XCTAssertTrue(ServiceEndpoint.regional.hasHost(in: region), region)
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
        ServiceEndpoint.url(url).signingRegion(of: Self.service, region: "eu-central-1"), region,
        url)
    }
  }

  func testASwitchIsTrueOrFalse() {
    for name in [
      "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT",
    ] {
      for value in ["yes", "1", "on", " true", "wahr"] {
        XCTAssertThrowsError(
          try ServiceEndpoint(of: Self.service, environment: Environment([name: value])),
          "\(name)=\(value)"
        ) {
          XCTAssertEqual("\($0)", "\(name) must be true or false")
        }
      }
    }
  }

  /// A switch that cannot be honoured is named: the URL might lead to a host that is neither.
  func testAURLIsNoneOfAWSsOwnHosts() throws {
    let (fips, dualStack) = ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT")
    let rows: [(switches: [String], named: String)] = [
      ([fips], fips), ([dualStack], dualStack), ([fips, dualStack], fips),
    ]
    for row in rows {
      var variables = Dictionary(uniqueKeysWithValues: row.switches.map { ($0, "true") })
      variables["AWS_ENDPOINT_URL"] = "https://any.example"
      XCTAssertThrowsError(
        try ServiceEndpoint(of: Self.service, environment: Environment(variables))
      ) { XCTAssertEqual(($0 as? SettingError)?.variable, row.named) }
      variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "True"
      XCTAssertEqual(
        try ServiceEndpoint(of: Self.service, environment: Environment(variables)),
        .aws(fips: row.switches.contains(fips), dualStack: row.switches.contains(dualStack)))
    }
  }

  func testTheURLOfACallHasAPath() {
    for url in ["http://any.example", "http://any.example/"] {
      XCTAssertEqual(
        ServiceEndpoint.url(url).url(of: Self.service, region: "eu-central-1"),
        "http://any.example/")
    }
  }

  func testOnlyHTTPIsAnEndpoint() {
    for url in [
      "file:///etc/passwd", "localhost:5000", "https://", "http://a b", "http://a\r\nX: y",
      "http://ä",
    ] {
      XCTAssertThrowsError(
        try ServiceEndpoint(of: Self.service, environment: Environment(["AWS_ENDPOINT_URL": url])),
        url
      ) {
        XCTAssertEqual("\($0)", "AWS_ENDPOINT_URL must be an http or https URL")
      }
    }
  }
}
