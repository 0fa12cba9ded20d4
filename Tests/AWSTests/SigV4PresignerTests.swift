import AWS
import Clock
import TestSupport
import XCTest

final class SigV4PresignerTests: XCTestCase {
  /// Tokens for RDS are such URLs; botocore's clock stands still while it makes them.
  func testBotocoreMakesTheSameURLs() throws {
    let requests = [nil, "IQoJb3JpZ2luX2VjEJ//+/=="].map { token in
      TokenRequest(
        host: "UPPER.example.com", port: 5432, user: "a+b=c@example.com/漢字", region: "eu-central-1",
        accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret/key+", sessionToken: token,
        date: "20261121T083000Z")
    }
    let time = try XCTUnwrap(Timestamp(iso8601: "2026-11-21T08:30:00.987654Z"))
    let urls = requests.map { request in
      SigV4Presigner(
        service: "rds-db", region: request.region,
        credentials: AWSCredentials(
          accessKeyID: request.accessKeyID, secretAccessKey: request.secretAccessKey,
          sessionToken: request.sessionToken)
      ).presigned(
        host: "\(request.host):\(request.port)",
        query: [("Action", "connect"), ("DBUser", request.user)], lifetime: 900, at: time)
    }
    XCTAssertEqual(urls, try BotocoreTokens.tokens(for: requests))
  }
}
