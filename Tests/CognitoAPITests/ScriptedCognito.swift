import AWS
import Clock
import CognitoAPI
import TestSupport
import XCTest

/// Cognito as a script, and a client that asks it.
final class ScriptedCognito {
  static let pool = "eu-central-1_ExaMPLe01"
  static let keys = AWSCredentials(
    accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret/key+", sessionToken: "token/+=")

  let server: ScriptedServer
  let client: CognitoClient

  /// - Parameter backOff: short, so that tests are.
  init(
    _ steps: [ScriptedServer.Step],
    credentials: CredentialsSource = CredentialsSource { _ in ExpiringCredentials(keys) },
    backOff: BackOff? = BackOff(base: .milliseconds(1), cap: .milliseconds(5))
  ) throws {
    server = try ScriptedServer(steps)
    client = try CognitoClient(
      credentials: credentials, endpoint: .url("http://\(server.endpoint)"), version: "1",
      backOff: backOff)
  }

  /// Any call that changes nothing. - Returns: nil when it succeeds.
  func failure(until deadline: Deadline = .after(.seconds(60))) throws -> CognitoError? {
    let pool = try XCTUnwrap(UserPoolID(Self.pool))
    do {
      _ = try client.listUsers(in: pool, until: deadline)
      return nil
    } catch {
      return error
    }
  }

  static let success = ScriptedServer.Step.answer(200, body: Array(#"{"Users":[]}"#.utf8))

  static func error(_ type: String, _ status: Int = 400) -> ScriptedServer.Step {
    .answer(status, body: Array(#"{"__type":"\#(type)","message":"secret"}"#.utf8))
  }
}
