import AWS
import Settings
import XCTest

@testable import Postgres
@testable import TriggerFunction

final class DatabaseCredentialsTests: XCTestCase {
  private static let iam = [
    "DATABASE_URL": "postgresql://lambda@db.example/app", "DATABASE_AUTH": "iam",
    "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "canary-key", "AWS_SESSION_TOKEN": "canary-token",
  ]
  private static let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf"
  private static let secret = [
    "DATABASE_URL": "postgresql://db.example/app", "DATABASE_SECRET_ARN": arn,
    "AWS_SESSION_TOKEN": "canary-token",
  ]

  private func configuration(
    _ base: [String: String], _ changes: [String: String] = [:]
  ) throws -> Configuration {
    try Configuration(environment: Environment(base.merging(changes) { $1 }))
  }

  func testWithoutASettingThePasswordIsTheURLs() throws {
    let url = ["DATABASE_URL": "postgresql://ada:secret@db.example/app"]
    for changes in [[:], ["DATABASE_AUTH": ""], ["DATABASE_AUTH": "password"]] {
      XCTAssertEqual(try configuration(url, changes).credentials, .connectionString)
    }
  }

  func testIAMTakesHostPortAndUserFromTheURL() throws {
    let table = [
      ("postgresql://lambda@db.example/app", "db.example", "5432", "lambda"),
      ("postgresql://a%2Bb:ignored@db.example:6432/app", "db.example", "6432", "a+b"),
      ("host=db.example port=1 user='x y'", "db.example", "1", "x y"),
      ("host=db.example hostaddr=10.0.0.1 user=x", "db.example", "5432", "x"),
    ]
    for (url, host, port, user) in table {
      let expected = IAMAuthentication(
        host: host, port: port, user: user, region: "eu-central-1",
        credentials: AWSCredentials(
          accessKeyID: "AKIDEXAMPLE", secretAccessKey: "canary-key", sessionToken: "canary-token"))
      XCTAssertEqual(
        try configuration(Self.iam, ["DATABASE_URL": url]).credentials, .iam(expected), url)
    }
    guard
      case .iam(let authentication) = try configuration(
        Self.iam, ["AWS_SESSION_TOKEN": ""]
      ).credentials
    else { return XCTFail("not IAM") }
    XCTAssertNil(authentication.credentials.sessionToken)
  }

  func testATokenIsNotSentInTheClear() throws {
    let url = "postgresql://lambda@db.example/app"
    let table: [([String: String], String?)] = [
      ([:], "require"), (["DATABASE_URL": "\(url)?sslmode=verify-full"], "verify-full"),
      (["DATABASE_URL": "\(url)?sslmode=verify-ca", "PGSSLMODE": "disable"], "verify-ca"),
      (["PGSSLMODE": "verify-ca"], nil),
      (["DATABASE_AUTH": "password"], nil),
    ]
    for (changes, mode) in table {
      XCTAssertEqual(try configuration(Self.iam, changes).database["sslmode"], mode, "\(changes)")
    }
    for mode in ["disable", "allow", "prefer"] {
      for (changes, name) in [
        (["DATABASE_URL": "\(url)?sslmode=\(mode)", "PGSSLMODE": "require"], "DATABASE_URL"),
        (["PGSSLMODE": mode], "PGSSLMODE"),
      ] {
        XCTAssertThrowsError(try configuration(Self.iam, changes), "\(changes)") { error in
          XCTAssertTrue("\(error)".hasPrefix("\(name) lets the connection"), "\(error)")
        }
      }
    }
  }

  func testTheSecretsPortIsTheExtensionsOrItsDefault() throws {
    for (port, expected) in [("", 2773), ("1", 1), ("65535", 65535)] {
      let changes = ["PARAMETERS_SECRETS_EXTENSION_HTTP_PORT": port]
      XCTAssertEqual(
        try configuration(Self.secret, changes).credentials,
        .secret(SecretLocation(arn: Self.arn, port: expected, token: "canary-token")))
    }
  }

  func testWhatCannotWorkIsAnErrorThatNamesTheVariable() {
    let port = "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"
    let table: [([String: String], [String: String], String)] = [
      (Self.iam, ["DATABASE_AUTH": "IAM"], "DATABASE_AUTH"),
      (Self.iam, ["DATABASE_AUTH": "canary"], "DATABASE_AUTH"),
      (Self.iam, ["DATABASE_SECRET_ARN": Self.arn], "DATABASE_AUTH"),
      (Self.iam, ["AWS_REGION": ""], "AWS_REGION"),
      (Self.iam, ["AWS_ACCESS_KEY_ID": ""], "AWS_ACCESS_KEY_ID"),
      (Self.iam, ["AWS_SECRET_ACCESS_KEY": ""], "AWS_SECRET_ACCESS_KEY"),
      (Self.iam, ["DATABASE_URL": "postgresql://db.example/app"], "DATABASE_URL"),
      (Self.iam, ["DATABASE_URL": "postgresql://u@a,b/app"], "DATABASE_URL"),
      (Self.iam, ["DATABASE_URL": "host=/run user=u"], "DATABASE_URL"),
      (Self.iam, ["DATABASE_URL": "user=u"], "DATABASE_URL"),
      (Self.secret, ["DATABASE_SECRET_ARN": "canary"], "DATABASE_SECRET_ARN"),
      (Self.secret, ["DATABASE_SECRET_ARN": "arn:aws:ssm:x:1:secret:c"], "DATABASE_SECRET_ARN"),
      (Self.secret, ["AWS_SESSION_TOKEN": ""], "AWS_SESSION_TOKEN"),
      (Self.secret, [port: "0"], port), (Self.secret, [port: "65536"], port),
      (Self.secret, [port: "canary"], port),
    ]
    for (base, changes, name) in table {
      XCTAssertThrowsError(try configuration(base, changes), "\(changes)") { error in
        XCTAssertTrue("\(error)".hasPrefix("\(name) "), "\(error)")
        XCTAssertFalse("\(error)".contains("canary"), "\(error)")
      }
    }
  }
}
