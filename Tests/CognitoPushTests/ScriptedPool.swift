import CognitoAPI
import Foundation
import Settings
import TestSupport

/// A table of users, and a Cognito that answers as it is told.
final class ScriptedPool {
  static let name = "eu-central-1_ExaMPLe01"
  static let done = ScriptedServer.Step.answer(200, body: Array("{}".utf8))

  let database: TestDatabase
  let server: ScriptedServer
  let client: CognitoClient
  let pool: UserPoolID

  /// - Parameter answers: in their order; no call is repeated.
  init(_ answers: [ScriptedServer.Step]) throws {
    database = try TestDatabase()
    server = try ScriptedServer(answers)
    client = try CognitoClient(
      environment: Environment([
        "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_ENDPOINT_URL": "http://\(server.endpoint)",
      ]), version: "1", backOff: nil)
    guard let pool = UserPoolID(Self.name) else { throw CocoaError(.formatting) }
    self.pool = pool
  }

  static func error(_ type: String) -> ScriptedServer.Step {
    .answer(400, body: Array(#"{"__type":"\#(type)"}"#.utf8))
  }

  /// Adds users `u1`, `u2`, … of one pool.
  func addUsers(_ count: Int, to pool: String = name) throws {
    try database.query(
      """
      INSERT INTO cognito.users (user_pool_id, sub, username, observed_at)
      SELECT $1::text, gen_random_uuid(), 'u' || n, now() FROM generate_series(1, $2::integer) AS n
      """, [pool, "\(count)"])
  }

  /// Whom the calls were about.
  var askedFor: [String] {
    server.requests.compactMap { request in
      let body = try? JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any]
      return body?["Username"] as? String
    }
  }
}
