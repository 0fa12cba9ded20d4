import Clock
import Settings
import TestSupport
import XCTest

@testable import AWS

final class ContainerCredentialsTests: XCTestCase {
  private var soon: Deadline { .after(.seconds(60)) }

  private func keys(_ name: String) -> AWSCredentials {
    AWSCredentials(accessKeyID: name, secretAccessKey: "\(name)/+", sessionToken: "t")
  }

  private func assertError(
    _ expected: CredentialsError, _ environment: [String: String], line: UInt = #line
  ) {
    XCTAssertThrowsError(
      try CredentialsSource.commandLine(Environment(environment)).credentials(until: soon),
      line: line
    ) {
      XCTAssertEqual($0 as? CredentialsError, expected, line: line)
    }
  }

  private static func role(_ name: String, expiresIn seconds: Int) -> ScriptedServer.Step {
    let end = Timestamp.now().advanced(by: .seconds(seconds)).rfc3339
    return .answer(
      200,
      body: Array(
        #"{"AccessKeyId":"\#(name)","SecretAccessKey":"\#(name)/+","Token":"t","Expiration":"\#(end)"}"#
          .utf8))
  }

  func testAContainersKeysAreRenewedBeforeTheyExpire() throws {
    let server = try ScriptedServer([
      Self.role("A", expiresIn: 290), Self.role("B", expiresIn: 3600),
    ])
    let source = try CredentialsSource.commandLine(
      Environment([
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://\(server.endpoint)/v2/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer x",
      ]))
    XCTAssertEqual(try source.credentials(until: soon), keys("A"))
    for _ in 1...3 { XCTAssertEqual(try source.credentials(until: soon), keys("B")) }
    XCTAssertEqual(server.requests.map(\.line), ["GET /v2/credentials", "GET /v2/credentials"])
    XCTAssertEqual(server.requests.map { $0.headers["authorization"] }, ["Bearer x", "Bearer x"])
  }

  func testKeysAreUsedOnWhileTheyAreGoodAndCannotBeRenewed() throws {
    let server = try ScriptedServer([Self.role("A", expiresIn: 200), .answer(500), .answer(404)])
    let source = try CredentialsSource.commandLine(
      Environment([
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://\(server.endpoint)/"
      ]))
    for _ in 1...3 { XCTAssertEqual(try source.credentials(until: soon), keys("A")) }
    XCTAssertEqual(server.requests.count, 3)
  }

  func testKeysThatHaveExpiredAreNotUsedOn() throws {
    let server = try ScriptedServer([Self.role("A", expiresIn: -1), .answer(500)])
    let source = try CredentialsSource.commandLine(
      Environment(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://\(server.endpoint)/"]))
    _ = try source.credentials(until: soon)
    XCTAssertThrowsError(try source.credentials(until: soon)) {
      XCTAssertEqual($0 as? CredentialsError, .endpointStatus(500))
    }
  }

  func testTheTokensFileIsReadEachTime() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: file) }
    let server = try ScriptedServer([Self.role("A", expiresIn: 1), Self.role("B", expiresIn: 1)])
    let source = try CredentialsSource.commandLine(
      Environment([
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://\(server.endpoint)/",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": file.path,
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "no",
      ]))
    for token in ["one", "two\n"] {
      try token.write(to: file, atomically: true, encoding: .utf8)
      _ = try source.credentials(until: soon)
    }
    XCTAssertEqual(server.requests.map { $0.headers["authorization"] }, ["one", "two"])
    try "one\nX-Other: two".write(to: file, atomically: true, encoding: .utf8)
    XCTAssertThrowsError(try source.credentials(replacing: keys("B"), until: soon)) {
      XCTAssertEqual(
        $0 as? CredentialsError, .malformed(variable: "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"))
    }
  }

  func testAnAnswerWithoutKeysIsAnError() throws {
    let rows: [(step: ScriptedServer.Step, error: CredentialsError)] = [
      (.answer(404), .endpointStatus(404)), (.answer(500), .endpointStatus(500)),
      (.answer(200), .endpointAnswer), (.answer(200, body: Array("{}".utf8)), .endpointAnswer),
      (
        .answer(200, body: Array(#"{"AccessKeyId":"A\nB","SecretAccessKey":"x"}"#.utf8)),
        .endpointAnswer
      ),
      (
        .answer(200, body: Array(#"{"AccessKeyId":"A","SecretAccessKey":"x\ny"}"#.utf8)),
        .endpointAnswer
      ),
      (
        .answer(
          200, body: Array(#"{"AccessKeyId":"A","SecretAccessKey":"x","Token":"t\nu"}"#.utf8)),
        .endpointAnswer
      ),
      (
        .answer(203, body: Array(#"{"AccessKeyId":"A","SecretAccessKey":"x"}"#.utf8)),
        .endpointStatus(203)
      ),
    ]
    for row in rows {
      let server = try ScriptedServer([row.step])
      assertError(
        row.error, ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://\(server.endpoint)/"])
    }
  }

  func testWhatAnEndpointMayAnswerOtherwiseALittleLater() {
    let rows: [(error: CredentialsError, isTransient: Bool)] = [
      (.endpointStatus(429), true), (.endpointStatus(500), true), (.endpointStatus(503), true),
      (.endpointStatus(404), false), (.endpointStatus(499), false), (.endpointAnswer, false),
      (.endpointTransport(.timedOut), true), (.endpointTransport(.noTLS), false),
      (.profileNotFound, false),
    ]
    for row in rows { XCTAssertEqual(row.error.isTransient, row.isTransient, "\(row.error)") }
  }

  func testOnlyPlacesNobodyCanListenInOnAreAskedWithoutTLS() {
    let rows: [(url: String, mayBeAsked: Bool)] = [
      ("https://example.com/x", true), ("http://localhost/x", true), ("http://LOCALHOST:80", true),
      ("http://127.0.0.1:8080/x", true), ("http://127.9.9.9", true), ("http://[::1]:80/x", true),
      ("http://169.254.170.2/x", true), ("http://169.254.170.23/v1/credentials", true),
      ("http://[fd00:ec2::23]/v1/credentials", true),
      ("http://localhost?x", true), ("http://127.0.0.1#x", true),
      ("http://example.com/x", false), ("http://127.0.0.1.example.com/", false),
      ("http://127.0.0.0.1/", false), ("http://127/", false), ("https://local host/", false),
      ("http://localhost@example.com/", false), ("http://localhost:80@example.com/", false),
      ("http://127.0.0.256/", false),
      ("http://[::2]/", false), ("http:///x", false), ("ftp://localhost/", false), ("", false),
      ("http://localhost\\@example.com/", false), ("http://local host/", false),
    ]
    for row in rows {
      XCTAssertEqual(ContainerCredentials.mayBeAsked(row.url), row.mayBeAsked, row.url)
    }
    assertError(
      .endpointNotAllowed(variable: "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
      ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.com/"])
    assertError(
      .malformed(variable: "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
      ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "@example.com/"])
  }
}
