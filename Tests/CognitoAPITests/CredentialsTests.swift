import Deadline
import HTTP
import TestSupport
import XCTest

@testable import CognitoAPI

final class CredentialsTests: XCTestCase {
  private var soon: Deadline { .after(.seconds(60)) }

  private func keys(_ name: String, token: String? = nil) -> AWSCredentials {
    AWSCredentials(accessKeyID: name, secretAccessKey: "\(name)/+", sessionToken: token)
  }

  private func found(_ environment: [String: String]) throws -> AWSCredentials {
    try CredentialsSource.commandLine(environment).credentials(until: soon)
  }

  private func assertError(
    _ expected: CredentialsError, _ environment: [String: String], line: UInt = #line
  ) {
    XCTAssertThrowsError(try found(environment), line: line) {
      XCTAssertEqual($0 as? CredentialsError, expected, line: line)
    }
  }

  // MARK: The environment

  func testTheEnvironmentsKeys() throws {
    let rows: [(token: String?, expected: String?)] = [("t/+=", "t/+="), ("", nil), (nil, nil)]
    for row in rows {
      var environment = ["AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "A/+"]
      environment["AWS_SESSION_TOKEN"] = row.token
      let source = try CredentialsSource.environment(environment)
      XCTAssertEqual(try source.credentials(until: soon), keys("A", token: row.expected))
    }
  }

  func testHalfAnIdentityOrALineBreakIsAnError() {
    let rows: [(environment: [String: String], variable: String)] = [
      (["AWS_ACCESS_KEY_ID": "A"], "AWS_SECRET_ACCESS_KEY"),
      (["AWS_SECRET_ACCESS_KEY": "A"], "AWS_ACCESS_KEY_ID"),
      (["AWS_ACCESS_KEY_ID": "A\r\nX: y", "AWS_SECRET_ACCESS_KEY": "A"], "AWS_ACCESS_KEY_ID"),
      (["AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "A\n"], "AWS_SECRET_ACCESS_KEY"),
      (
        ["AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "A", "AWS_SESSION_TOKEN": "a b"],
        "AWS_SESSION_TOKEN"
      ),
    ]
    for row in rows {
      assertError(.malformed(variable: row.variable), row.environment)
      XCTAssertThrowsError(try CredentialsSource.environment(row.environment))
    }
    XCTAssertThrowsError(try CredentialsSource.environment([:])) {
      XCTAssertEqual($0 as? CredentialsError, .missing(searched: "the environment"))
    }
  }

  // MARK: The shared files

  private func withFiles(
    credentials: String? = nil, config: String? = nil, _ body: ([String: String]) throws -> Void
  ) throws {
    let home = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    let folder = home.appendingPathComponent(".aws")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: home) }
    for (name, text) in [("credentials", credentials), ("config", config)] {
      try text?.write(
        to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }
    try body(["HOME": home.path])
  }

  private static let credentialsFile = """
    # a comment
    [default]
    aws_access_key_id = D
    aws_secret_access_key=D/+   ; in use
      [not a section]

    [dev team]\r
    AWS_ACCESS_KEY_ID = T\r
    aws_secret_access_key = T/+\r
    aws_session_token = t==\r
    [empty]
    [half]
    aws_access_key_id = H
    """
  private static let configFile = """
    [default]
    region = eu-central-1
    s3 =
      aws_access_key_id = nested
    [profile configured]
    aws_access_key_id = C
    aws_secret_access_key = C/+
    [profile "quoted name"]
    aws_access_key_id = Q
    aws_secret_access_key = Q/+
    [profile sso]
    sso_session = s
    [profile role]
    role_arn = arn:aws:iam::1:role/x
    source_profile = default
    aws_access_key_id = R
    aws_secret_access_key = R/+
    [half]
    aws_secret_access_key = not a profile
    [profile region]
    region = eu-central-1
    """

  func testAProfilesKeysAreFoundInEitherFile() throws {
    try withFiles(credentials: Self.credentialsFile, config: Self.configFile) { home in
      let rows: [(environment: [String: String], keys: AWSCredentials)] = [
        ([:], keys("D")), (["AWS_PROFILE": "default"], keys("D")), (["AWS_PROFILE": ""], keys("D")),
        (["AWS_PROFILE": "dev team"], keys("T", token: "t==")),
        (["AWS_DEFAULT_PROFILE": "configured"], keys("C")),
        (["AWS_PROFILE": "quoted name", "AWS_DEFAULT_PROFILE": "configured"], keys("Q")),
        (["AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "E/+"], keys("E")),
      ]
      for row in rows {
        XCTAssertEqual(
          try found(home.merging(row.environment) { $1 }), row.keys, "\(row.environment)")
      }
    }
  }

  func testAProfileWithoutKeysSaysWhatToDo() throws {
    try withFiles(credentials: Self.credentialsFile, config: Self.configFile) { home in
      let rows: [(profile: String, error: CredentialsError)] = [
        ("nobody", .profileNotFound), ("Default", .profileNotFound),
        ("sso", .profileNeedsExport), ("role", .profileNeedsExport),
        ("empty", .profileNeedsExport), ("region", .profileNeedsExport),
        ("half", .malformed(variable: "aws_secret_access_key of the AWS profile")),
      ]
      for row in rows {
        assertError(row.error, home.merging(["AWS_PROFILE": row.profile]) { $1 })
      }
    }
  }

  func testFilesMayBeElsewhereOrNowhere() throws {
    try withFiles(
      credentials: "[default]\naws_access_key_id=A\naws_secret_access_key=A/+\n"
    ) { home in
      let path = try XCTUnwrap(home["HOME"]) + "/.aws/credentials"
      XCTAssertEqual(try found(["AWS_SHARED_CREDENTIALS_FILE": path]), keys("A"))
      XCTAssertEqual(
        try found(home.merging(["AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials"]) { $1 }),
        keys("A"))
      let folder = try XCTUnwrap(home["HOME"])
      assertError(
        .unreadableFile(variable: "AWS_CONFIG_FILE"),
        home.merging(["AWS_CONFIG_FILE": folder]) { $1 })
    }
    let places = "the environment or the files ~/.aws/credentials and ~/.aws/config"
    assertError(.missing(searched: places), [:])
    assertError(.missing(searched: places), ["HOME": "/nonexistent"])
  }

  // MARK: A container's

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
    let source = try CredentialsSource.commandLine([
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://\(server.endpoint)/v2/credentials",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer x",
    ])
    XCTAssertEqual(try source.credentials(until: soon), keys("A", token: "t"))
    for _ in 1...3 { XCTAssertEqual(try source.credentials(until: soon), keys("B", token: "t")) }
    XCTAssertEqual(server.requests.map(\.line), ["GET /v2/credentials", "GET /v2/credentials"])
    XCTAssertEqual(server.requests.map { $0.headers["authorization"] }, ["Bearer x", "Bearer x"])
  }

  func testKeysAreUsedOnWhileTheyAreGoodAndCannotBeRenewed() throws {
    let server = try ScriptedServer([Self.role("A", expiresIn: 200), .answer(500), .answer(404)])
    let source = try CredentialsSource.commandLine([
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://\(server.endpoint)/"
    ])
    for _ in 1...3 { XCTAssertEqual(try source.credentials(until: soon), keys("A", token: "t")) }
    XCTAssertEqual(server.requests.count, 3)
  }

  func testTheTokensFileIsReadEachTime() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: file) }
    let server = try ScriptedServer([Self.role("A", expiresIn: 1), Self.role("B", expiresIn: 1)])
    let source = try CredentialsSource.commandLine([
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://\(server.endpoint)/",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": file.path,
      "AWS_CONTAINER_AUTHORIZATION_TOKEN": "no",
    ])
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
    ]
    for row in rows {
      let server = try ScriptedServer([row.step])
      assertError(
        row.error, ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://\(server.endpoint)/"])
    }
  }

  func testOnlyPlacesNobodyCanListenInOnAreAskedWithoutTLS() {
    let rows: [(url: String, mayBeAsked: Bool)] = [
      ("https://example.com/x", true), ("http://localhost/x", true), ("http://LOCALHOST:80", true),
      ("http://127.0.0.1:8080/x", true), ("http://127.9.9.9", true), ("http://[::1]:80/x", true),
      ("http://169.254.170.2/x", true), ("http://169.254.170.23/v1/credentials", true),
      ("http://[fd00:ec2::23]/v1/credentials", true),
      ("http://example.com/x", false), ("http://127.0.0.1.example.com/", false),
      ("http://localhost@example.com/", false), ("http://127.0.0.256/", false),
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

  // MARK: Keys that AWS refuses

  func testRefusedKeysAreReplacedOnceWhereThereAreOthers() throws {
    var names = ["A", "B", "C"]
    let source = CredentialsSource { _ in ExpiringCredentials(self.keys(names.removeFirst())) }
    let cognito = try ScriptedCognito(
      [ScriptedCognito.error("ExpiredTokenException"), ScriptedCognito.success], credentials: source
    )
    XCTAssertNil(try cognito.failure())
    XCTAssertEqual(names, ["C"])
    for (request, name) in zip(cognito.server.requests, ["A", "B"]) {
      XCTAssertEqual(
        try BotocoreSignatures.violations(
          in: [request],
          signature: AWSSignature(
            service: "cognito-idp", region: "eu-central-1", credentials: keys(name))), [[]])
    }
  }

  func testRefusedKeysWithoutOthersAreAnError() throws {
    let cognito = try ScriptedCognito([ScriptedCognito.error("UnrecognizedClientException", 403)])
    XCTAssertEqual(try cognito.failure(), .credentialsRefused(.unknownKey))
    XCTAssertEqual(cognito.server.requests.count, 1)
  }
}
