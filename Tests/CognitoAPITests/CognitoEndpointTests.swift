import XCTest

@testable import CognitoAPI

final class CognitoEndpointTests: XCTestCase {
  func testTheEnvironmentIsReadAsAWSsSDKsReadIt() throws {
    let own = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"
    let any = "AWS_ENDPOINT_URL"
    let ignored = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
    let rows: [(environment: [String: String], url: String)] = [
      ([:], "https://cognito-idp.eu-central-1.amazonaws.com/"),
      ([own: "", any: ""], "https://cognito-idp.eu-central-1.amazonaws.com/"),
      ([any: "http://127.0.0.1:5000"], "http://127.0.0.1:5000/"),
      ([any: "http://127.0.0.1:5000/"], "http://127.0.0.1:5000/"),
      ([own: "https://vpce.example/x", any: "http://127.0.0.1"], "https://vpce.example/x/"),
      ([own: "http://a", ignored: "true"], "https://cognito-idp.eu-central-1.amazonaws.com/"),
      ([own: "http://a", ignored: "TRUE"], "https://cognito-idp.eu-central-1.amazonaws.com/"),
      ([own: "http://a", ignored: "false"], "http://a/"),
    ]
    for row in rows {
      let endpoint = try CognitoEndpoint(environment: row.environment)
      XCTAssertEqual(endpoint.url(region: "eu-central-1"), row.url)
    }
  }

  func testEveryRegionHasItsHost() {
    for (region, url) in [
      ("us-gov-west-1", "https://cognito-idp.us-gov-west-1.amazonaws.com/"),
      ("cn-north-1", "https://cognito-idp.cn-north-1.amazonaws.com.cn/"),
    ] {
      XCTAssertEqual(CognitoEndpoint.regional.url(region: region), url)
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
