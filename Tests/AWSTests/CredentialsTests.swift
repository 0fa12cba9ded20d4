import AWS
import Clock
import Foundation
import Settings
import XCTest

final class CredentialsTests: XCTestCase {
  private var soon: Deadline { .after(.seconds(60)) }

  private func keys(_ name: String, token: String? = nil) -> AWSCredentials {
    AWSCredentials(accessKeyID: name, secretAccessKey: "\(name)/+", sessionToken: token)
  }

  private func found(_ environment: [String: String]) throws -> AWSCredentials {
    try CredentialsSource.commandLine(Environment(environment)).credentials(until: soon)
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
      let source = try CredentialsSource.environment(Environment(environment))
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
      XCTAssertThrowsError(try CredentialsSource.environment(Environment(row.environment)))
    }
    XCTAssertThrowsError(try CredentialsSource.environment(Environment([:]))) {
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

  func testOfTwoFilesTheCredentialsCountAndTheDefaultProfileMayBeInEither() throws {
    func profile(_ name: String) -> String {
      "[default]\naws_access_key_id = \(name)\naws_secret_access_key = \(name)/+\n"
    }
    let rows: [(credentials: String?, config: String?, key: String)] = [
      (profile("A"), profile("B"), "A"), (nil, profile("B"), "B"), (profile("A"), nil, "A"),
      ("[default]\n", profile("B"), "B"),
      (nil, profile("B") + profile("C").replacingOccurrences(of: "[", with: "[profile "), "C"),
    ]
    for row in rows {
      try withFiles(credentials: row.credentials, config: row.config) { home in
        XCTAssertEqual(try found(home), keys(row.key), "\(row)")
      }
    }
  }

  /// Where nobody named a profile: what it says of keys counts, and of anything else does not.
  func testADefaultProfileThatGetsItsKeysElsewhereSaysSo() throws {
    let places = "the environment or the files ~/.aws/credentials and ~/.aws/config"
    let rows: [(setting: String, error: CredentialsError)] =
      [
        "role_arn", "sso_session", "sso_start_url", "sso_account_id", "credential_process",
        "web_identity_token_file", "credential_source", "login_session",
      ].map { ("\($0) = x", .profileNeedsExport) } + [
        ("region = eu-central-1", .missing(searched: places)),
        ("sso_session =", .missing(searched: places)),
      ]
    for row in rows {
      try withFiles(config: "[default]\n\(row.setting)\n") { home in
        assertError(row.error, home)
      }
    }
  }

  func testAContainerIsAskedWhereNoFileHasKeys() throws {
    let container = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/"]
    try withFiles(credentials: Self.credentialsFile) { home in
      XCTAssertEqual(try found(home.merging(container) { $1 }), keys("D"))
    }
    try withFiles(config: "[default]\nregion = eu-central-1\n") { home in
      XCTAssertThrowsError(try found(home.merging(container) { $1 })) { error in
        guard case .endpointTransport? = error as? CredentialsError else {
          return XCTFail("\(error)")
        }
      }
    }
  }

  func testAFileThatIsTooLargeIsNoneOfThese() throws {
    try withFiles(config: String(repeating: "#", count: (1 << 20) + 1)) { home in
      assertError(.unreadableFile(variable: "AWS_CONFIG_FILE"), home)
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
    assertError(.missing(searched: places), ["HOME": "/dev/null"])
  }
}
