import AWS
import Clock
import TestSupport
import XCTest

@testable import TriggerFunction

final class IAMAuthenticationTests: XCTestCase {
  private static let sessionToken = "IQoJb3JpZ2luX2VjEJ//+/=wEaDGV1LWNlbnRyYWwtMSJHMEUCIQ=="

  private func request(
    host: String = "db.cluster-c3x.eu-central-1.rds.amazonaws.com", port: Int = 5432,
    user: String = "lambda", region: String = "eu-central-1", sessionToken: String? = nil,
    date: String = "20261121T083000Z"
  ) -> TokenRequest {
    TokenRequest(
      host: host, port: port, user: user, region: region, accessKeyID: "AKIDEXAMPLE",
      secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", sessionToken: sessionToken,
      date: date)
  }

  private func token(_ request: TokenRequest) throws -> String {
    let formatter = ISO8601DateFormatter()
    formatter.formatOptions = [.withYear, .withMonth, .withDay, .withTime, .withTimeZone]
    let seconds = Int64(try XCTUnwrap(formatter.date(from: request.date)).timeIntervalSince1970)
    let authentication = IAMAuthentication(
      host: request.host, port: "\(request.port)", user: request.user, region: request.region,
      credentials: AWSCredentials(
        accessKeyID: request.accessKeyID, secretAccessKey: request.secretAccessKey,
        sessionToken: request.sessionToken))
    return authentication.token(
      at: Timestamp(microsecondsSinceEpoch: seconds * 1_000_000 + 987_654))
  }

  func testTokensAreWhatBotocoreMakes() throws {
    let requests = [
      request(),
      request(sessionToken: Self.sessionToken),
      request(host: "proxy.proxy-c3x.us-gov-west-1.rds.amazonaws.com", region: "us-gov-west-1"),
      request(host: "UPPER.Example.com", port: 6432),
      request(host: "localhost", port: 1),
      request(user: "a+b=c@example.com"),
      request(user: "Jürgen Ünlü/漢字 😀", sessionToken: Self.sessionToken),
      request(user: "~tilde-dash.dot_under*star'quote%41&x=y?#"),
      request(user: "\u{1}\t\n\u{7F}"),
      request(date: "20000101T000000Z"), request(date: "20991231T235959Z"),
      request(sessionToken: "%2F /\\\"<>`{}|^ü"),
    ]
    let expected = try BotocoreTokens.tokens(for: requests)
    XCTAssertEqual(try requests.map(token), expected)
    XCTAssertEqual(Set(expected).count, requests.count)
  }

  /// As botocore 1.44.5 made it: this shows what the token looks like.
  func testATokenIsAPresignedURLWithoutItsScheme() throws {
    let token = try token(request(host: "db.example.com", user: "a+b", sessionToken: "s/="))
    XCTAssertEqual(
      token,
      "db.example.com:5432/?Action=connect&DBUser=a%2Bb&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        + "&X-Amz-Credential=AKIDEXAMPLE%2F20261121%2Feu-central-1%2Frds-db%2Faws4_request"
        + "&X-Amz-Date=20261121T083000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host"
        + "&X-Amz-Security-Token=s%2F%3D&X-Amz-Signature="
        + "d4de1af03386a450484d6b94400198bf60535af46c0be402e9845f2f0457596a")
  }

  func testEverythingThatIsSignedChangesTheSignature() throws {
    func signature(_ request: TokenRequest) throws -> Substring {
      try token(request).suffix(64)
    }
    let requests = [
      request(), request(host: "other.example.com"), request(port: 5433), request(user: "other"),
      request(region: "eu-central-2"), request(sessionToken: "x"),
      request(date: "20261121T083001Z"), request(date: "20261122T083000Z"),
    ]
    XCTAssertEqual(Set(try requests.map(signature)).count, requests.count)
  }
}
