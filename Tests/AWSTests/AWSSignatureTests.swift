import AWS
import Clock
import HTTP
import TestSupport
import XCTest

/// libcurl's signatures, judged by botocore.
final class AWSSignatureTests: XCTestCase {
  private var soon: Deadline { .after(.seconds(60)) }
  private static let keys = AWSCredentials(
    accessKeyID: "AKID:EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPx:RfiCYEXAMPLEKEY")
  private static let roleKeys = AWSCredentials(
    accessKeyID: "ASIAEXAMPLE", secretAccessKey: "aaa/bbb+ccc",
    sessionToken: "IQoJb3JpZ2luX2VjEJ//+/=wEaDGV1LWNlbnRyYWwtMSJHMEUCIQ==")

  private func signature(_ keys: AWSCredentials, region: String = "eu-central-1") -> AWSSignature {
    AWSSignature(service: "cognito-idp", region: region, credentials: keys)
  }

  private func makeClient(proxy: ProxyPolicy = .ignored) throws -> HTTPClient {
    try HTTPClient(
      userAgent: "test/1", bodyLimit: 1000, connectTimeout: .seconds(10), proxy: proxy, signs: true)
  }

  private let headers = HTTPHeaderList([
    "Content-Type: application/x-amz-json-1.1",
    "X-Amz-Target: AWSCognitoIdentityProviderService.ListUsers",
  ])

  private func assertSigned(
    _ requests: [ScriptedServer.Request], by signature: AWSSignature, line: UInt = #line
  ) throws {
    let violations = try BotocoreSignatures.violations(in: requests, signature: signature)
    XCTAssertEqual(violations, requests.map { _ in [] }, line: line)
    XCTAssertFalse(violations.isEmpty, line: line)
  }

  private static let bodies: [[UInt8]] = [
    Array("{}".utf8), [], Array(#"{"Username":"Jürgen \u0000 漢字 😀","x":" a  b \n"}"#.utf8),
    Array(0...255), [0], Array(repeating: 0x20, count: 50_000),
  ]

  func testBotocoreMakesTheSameSignatures() throws {
    for (keys, region) in [(Self.keys, "eu-central-1"), (Self.roleKeys, "us-gov-west-1")] {
      let signature = signature(keys, region: region)
      let server = try ScriptedServer(Self.bodies.map { _ in .answer(200) })
      let client = try makeClient()
      for body in Self.bodies {
        let request = HTTPRequest(
          .post(body), url: "http://\(server.endpoint)/", headers: headers
        ).signed(by: signature)
        XCTAssertEqual(try client.perform(request, until: soon).status, 200)
      }
      try assertSigned(server.requests, by: signature)
      XCTAssertEqual(server.requests.map(\.body), Self.bodies)
      XCTAssertEqual(
        server.requests.map { $0.headers["x-amz-security-token"] },
        Self.bodies.map { _ in keys.sessionToken })
    }
  }

  /// What judges the others must itself be able to say no.
  func testAnotherKeyTokenOrBodyIsNoticed() throws {
    let signature = signature(Self.roleKeys)
    let server = try ScriptedServer([.answer(200)])
    _ = try makeClient().perform(
      HTTPRequest(
        .post([1]), url: "http://\(server.endpoint)/", headers: headers
      ).signed(by: signature),
      until: soon)
    let request = try XCTUnwrap(server.requests.first)

    var other = signature
    other.credentials.secretAccessKey += "x"
    XCTAssertEqual(
      try BotocoreSignatures.violations(in: [request], signature: other), [["another signature"]])
    other = signature
    other.region = "eu-west-1"
    XCTAssertEqual(
      try BotocoreSignatures.violations(in: [request], signature: other),
      [["another scope", "another signature"]])
    var changed = request
    changed.body = [2]
    XCTAssertEqual(
      try BotocoreSignatures.violations(in: [changed], signature: signature),
      [["another signature"]])
    changed = request
    changed.headers["x-amz-security-token"] = "other"
    XCTAssertEqual(
      try BotocoreSignatures.violations(in: [changed], signature: signature),
      [["another session token", "another signature"]])
    changed.headers["authorization"] = nil
    XCTAssertEqual(
      try BotocoreSignatures.violations(in: [changed], signature: signature), [["no signature"]])
  }

  func testASignatureIsForItsOwnRequestOnly() throws {
    let server = try ScriptedServer((0..<5).map { _ in .answer(200) })
    let client = try makeClient()
    for signature in [signature(Self.roleKeys), nil, signature(Self.keys), nil, nil] {
      let request = HTTPRequest(
        .post([1]), url: "http://\(server.endpoint)/", headers: headers)
      _ = try client.perform(signature.map { request.signed(by: $0) } ?? request, until: soon)
    }
    let requests = server.requests
    XCTAssertEqual(requests.map(\.connection), [1, 1, 1, 1, 1])
    try assertSigned([requests[0]], by: signature(Self.roleKeys))
    try assertSigned([requests[2]], by: signature(Self.keys))
    for unsigned in [requests[1], requests[3], requests[4]] {
      for name in ["authorization", "x-amz-date", "x-amz-security-token"] {
        XCTAssertNil(unsigned.headers[name], name)
      }
    }
  }

  func testARequestThatIsSentAgainIsSignedToo() throws {
    let server = try ScriptedServer([.answer(200), .hangUp, .answer(202)])
    let client = try makeClient()
    let request = HTTPRequest(
      .post([1, 2]), url: "http://\(server.endpoint)/", headers: headers
    ).signed(by: signature(Self.roleKeys))
    _ = try client.perform(request, until: soon)
    XCTAssertEqual(try client.perform(request, until: soon).status, 202)
    XCTAssertEqual(server.requests.map(\.connection), [1, 1, 2])
    try assertSigned(server.requests, by: signature(Self.roleKeys))
  }

  func testARedirectIsNotFollowed() throws {
    let other = try ScriptedServer([.answer(200)])
    let server = try ScriptedServer([
      .answer(307, headers: ["Location: http://\(other.endpoint)/"])
    ])
    let response = try makeClient().perform(
      HTTPRequest(
        .post([1]), url: "http://\(server.endpoint)/"
      ).signed(by: signature(Self.roleKeys)),
      until: soon)
    XCTAssertEqual(response.status, 307)
    XCTAssertEqual(other.requests.count, 0)
  }

  func testARequestThroughAProxyIsSignedForItsHost() throws {
    let proxy = try ScriptedServer([.answer(200), .answer(200)])
    try withEnvironment(["http_proxy": "http://\(proxy.endpoint)", "no_proxy": nil]) {
      let url = "http://cognito-idp.eu-central-1.example/"
      let client = try makeClient(proxy: .fromEnvironment)
      _ = try client.perform(
        HTTPRequest(.post([1]), url: url, headers: headers).signed(by: signature(Self.roleKeys)),
        until: soon)
      var request = try XCTUnwrap(proxy.requests.first)
      XCTAssertEqual(request.path, url)
      XCTAssertEqual(request.headers["host"], "cognito-idp.eu-central-1.example")
      request.path = "/"
      try assertSigned([request], by: signature(Self.roleKeys))
    }
  }
}
