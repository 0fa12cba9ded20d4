import XCTest

@testable import TriggerFunction

final class SecretAnswerTests: XCTestCase {
  private func login(_ status: Int, _ body: String) throws -> Login {
    try SecretAnswer.login(status: status, body: Array(body.utf8))
  }

  private func answer(holding secret: String) throws -> String {
    let data = try JSONEncoder().encode(["ARN": "arn", "SecretString": secret])
    return String(decoding: data, as: UTF8.self)
  }

  func testUserAndPasswordAreTakenWhateverElseTheSecretHolds() throws {
    let table = [
      (#"{"username":"ada","password":"s3"}"#, Login(user: "ada", password: "s3")),
      (
        #"{"engine":"postgres","host":"h","port":5432,"dbname":null,"username":"ü","password":"\"\\'😀"}"#,
        Login(user: "ü", password: #""\'😀"#)
      ),
    ]
    for (secret, expected) in table {
      XCTAssertEqual(try login(200, try answer(holding: secret)), expected)
    }
  }

  func testEveryOtherAnswerIsAnErrorOfItsKind() throws {
    let table: [(Int, String, SecretError, mayPass: Bool)] = [
      (200, "", .malformedAnswer, false),
      (200, "<html>canary</html>", .malformedAnswer, false),
      (200, #"{"SecretBinary":"canary"}"#, .malformedAnswer, false),
      (200, #"{"SecretString":{"username":"canary"}}"#, .malformedAnswer, false),
      (200, try answer(holding: "canary"), .malformedSecret, false),
      (200, try answer(holding: "[]"), .malformedSecret, false),
      (200, try answer(holding: #"{"username":"canary"}"#), .malformedSecret, false),
      (200, try answer(holding: #"{"username":"u","password":7}"#), .malformedSecret, false),
      (200, try answer(holding: #"{"username":"u","password":""}"#), .malformedSecret, false),
      (200, try answer(holding: #"{"username":"","password":"canary"}"#), .malformedSecret, false),
      (
        200, try answer(holding: #"{"username":"u","password":"canary\u0000"}"#), .malformedSecret,
        false
      ),
      // Half a character: any other in its place would be another password.
      (
        200, try answer(holding: #"{"username":"u","password":"canary\ud83d"}"#), .malformedSecret,
        false
      ),
      (400, "not ready to serve traffic, please wait", .notReady, true),
      (400, "canary", .badRequest, true),
      (401, "canary", .forbidden, false), (403, "canary", .forbidden, false),
      (404, "canary", .notFound, false), (302, "", .status(302), false),
      (429, "canary", .status(429), true), (500, "canary", .status(500), true),
    ]
    for (status, body, expected, mayPass) in table {
      XCTAssertThrowsError(try login(status, body), "\(status) \(body)") { error in
        XCTAssertEqual(error as? SecretError, expected, "\(status) \(body)")
        XCTAssertEqual((error as? SecretError)?.mayPass, mayPass, "\(status) \(body)")
        XCTAssertFalse("\(error)".contains("canary"), "\(error)")
      }
    }
  }
}
