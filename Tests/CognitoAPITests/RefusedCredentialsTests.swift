import AWS
import CognitoAPI
import TestSupport
import XCTest

/// Keys that AWS refuses.
final class RefusedCredentialsTests: XCTestCase {
  private func keys(_ name: String) -> AWSCredentials {
    AWSCredentials(accessKeyID: name, secretAccessKey: "\(name)/+")
  }

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
