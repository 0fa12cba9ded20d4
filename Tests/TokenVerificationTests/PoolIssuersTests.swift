import AWS
import CognitoAPI
import CognitoTriggers
import TestSupport
import XCTest

@testable import TokenVerification

final class PoolIssuersTests: XCTestCase {
  private func issuers(
    _ pool: String, alsoIn regions: [String] = [], _ endpoint: ServiceEndpoint = .regional
  ) throws -> [String] {
    let id = try XCTUnwrap(CognitoTriggers.UserPoolID(pool))
    return PoolIssuers(of: id, alsoIn: regions, service: .cognito, endpoint: endpoint).all
      .map { "\($0.name) \($0.keysURL) \($0.isOptional)" }
  }

  func testBothFormsInEachRegion() throws {
    let path = "/eu-central-1_a"
    func row(_ host: String, _ isOptional: Bool) -> String {
      "https://\(host)\(path) https://\(host)\(path)/.well-known/jwks.json \(isOptional)"
    }
    XCTAssertEqual(
      try issuers("eu-central-1_a", alsoIn: ["eu-west-1", "eu-central-1"]),
      [
        row("cognito-idp.eu-central-1.amazonaws.com", false),
        row("issuer-cognito-idp.eu-central-1.amazonaws.com", true),
        row("cognito-idp.eu-west-1.amazonaws.com", true),
        row("issuer-cognito-idp.eu-west-1.amazonaws.com", true),
      ])
  }

  /// AWS names the issuer as the host that serves it, without FIPS and without a host of IPv6's own.
  func testTheHostIsCognitosInEveryRegion() throws {
    let endpoints = try BotocoreEndpoints.all().filter { !$0.fips && !$0.dualStack }
    XCTAssertGreaterThan(endpoints.count, 30)
    for endpoint in endpoints {
      for choice in [ServiceEndpoint.regional, .aws(fips: true, dualStack: true)] {
        XCTAssertEqual(
          try issuers("\(endpoint.region)_a", choice).first,
          "\(endpoint.url)/\(endpoint.region)_a "
            + "\(endpoint.url)/\(endpoint.region)_a/.well-known/jwks.json false")
      }
    }
  }

  func testAnEmulatorServesTheKeysOfAllAndMayNameItself() throws {
    let keys = "http://127.0.0.1:5000/local_a/.well-known/jwks.json"
    for url in ["http://127.0.0.1:5000", "http://127.0.0.1:5000/"] {
      XCTAssertEqual(
        try issuers("local_a", .url(url)),
        [
          "https://cognito-idp.local.amazonaws.com/local_a \(keys) false",
          "http://127.0.0.1:5000/local_a \(keys) false",
          "https://issuer-cognito-idp.local.amazonaws.com/local_a \(keys) true",
        ])
    }
  }
}
