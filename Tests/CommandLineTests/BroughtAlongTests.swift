import CognitoAPI
import Foundation
import JSON
import LocalLambda
import TestSupport
import XCTest

/// A team's users of six frameworks, half by an import and half by the trigger: nobody notices. moto plays Cognito, and
/// the test what moto does not do, which is to call the triggers.
final class BroughtAlongTests: XCTestCase {
  /// Cognito, with its triggers.
  private struct Pool {
    let moto: MotoServer
    let id: UserPoolID
    let client: String
    let function: FunctionUnderTest

    /// - Returns: whether the user is let in.
    func signIn(_ name: String, password: String) throws -> Bool {
      if (try? moto.user(name, in: id)) == nil {
        guard let user = try migrated(name, password: password) else { return false }
        try moto.createUser(user.name, attributes: user.attributes, in: id)
        try moto.call(
          "AdminSetUserPassword",
          [
            "UserPoolId": .string(id.text), "Username": .string(user.name),
            "Password": .string(password), "Permanent": .boolean(true),
          ])
        return try confirmed(user.name, password: password)
      }
      return try confirmed(name, password: password)
    }

    private func confirmed(_ name: String, password: String) throws -> Bool {
      guard (try? moto.signIn(name, password: password, client: client)) != nil else {
        return false
      }
      let event = try event(
        "PostAuthentication_Authentication", name,
        request: ["userAttributes": moto.attributes(of: name, in: id)])
      XCTAssertTrue(try function.invoke(event).echoes(event))
      return true
    }

    /// What Cognito makes of the trigger's answer; nil where it is the event unchanged.
    private func migrated(
      _ name: String, password: String
    ) throws -> (name: String, attributes: [String: String])? {
      let event = try event(
        "UserMigration_Authentication", name, request: ["password": password])
      let answer = try function.invoke(event)
      guard !answer.echoes(event) else { return nil }
      guard case .response(let bytes) = answer.kind else {
        XCTFail("an error")
        return nil
      }
      let response = try XCTUnwrap(JSONValue(parsing: bytes).object?["response"]?.object)
      var attributes = try XCTUnwrap(
        response["userAttributes"]?.object?.compactMapValues(\.string))
      XCTAssertEqual(response["finalUserStatus"], .string("CONFIRMED"))
      XCTAssertEqual(response["messageAction"], .string("SUPPRESS"))
      let own = attributes.removeValue(forKey: "username") ?? name
      return (own, Dictionary(uniqueKeysWithValues: attributes.map { ($0.key.text, $0.value) }))
    }

    private func event(
      _ source: String, _ name: String, request: [String: Any]
    ) throws -> [UInt8] {
      let response: [String: Any] =
        source.hasPrefix("UserMigration") ? ["userAttributes": NSNull()] : [:]
      return Array(
        try JSONSerialization.data(withJSONObject: [
          "version": "1", "region": MotoServer.region, "userPoolId": id.text, "userName": name,
          "callerContext": ["awsSdkVersion": "aws-sdk-js-2", "clientId": client],
          "triggerSource": source, "request": request, "response": response,
        ]))
    }
  }

  func testHalfOfATeamsUsersComeByAnImportAndHalfByTheTriggerAndNobodyNotices() throws {
    let users = try LegacyUser.all
    let (moto, database) = (try MotoServer.shared, try TestDatabase())
    let pool = try moto.createUserPool(
      "shop", customAttributes: ["legacy_id"], verifying: ["email"])
    try users.addAccounts(to: database)
    for script in ["my_orders", "legacy_user"] {
      let path = TestEnvironment.fixtures.appendingPathComponent("imports/\(script).sql")
      try database.execute(String(contentsOf: path, encoding: .utf8))
    }
    let run = try CommandRun.pooltable(
      [
        "import", "--user-pool-id", pool.text, "--query",
        TestEnvironment.fixtures.appendingPathComponent("imports/users.sql").path, "--role-arn",
        "arn:aws:iam::123456789012:role/import",
      ],
      environment: moto.sessionEnvironment.merging(["DATABASE_URL": database.ownerURL]) { $1 })
    XCTAssertEqual(run.exitCode, 0, run.errors)

    let function = try FunctionUnderTest(
      environment: [
        "DATABASE_URL": database.handlerURL, "MIGRATE_USERS": "on",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
      ], keeping: database)
    let cognito = Pool(
      moto: moto, id: pool, client: try moto.createClient(in: pool), function: function)
    for user in users {
      guard user.username.hasSuffix("1") else {
        // Whom Cognito does not have yet also by their address.
        let name = user.algorithm == nil ? user.email : user.username
        XCTAssertTrue(try cognito.signIn(name, password: user.password), user.framework)
        continue
      }
      XCTAssertFalse(
        try cognito.signIn(user.username, password: "\(user.password)x"), user.framework)
      XCTAssertTrue(try cognito.signIn(user.username, password: user.password), user.framework)
    }
    XCTAssertFalse(try cognito.signIn("nobody", password: "x"))
    XCTAssertEqual(
      try database.query(
        "SELECT username, attributes ->> 'custom:legacy_id', email FROM cognito.users_live ORDER BY 2"
      ),
      users.sorted { $0.legacyID < $1.legacyID }.map { [$0.username, $0.legacyID, $0.email] })
    XCTAssertEqual(
      try database.value("SELECT count(*) FROM shop.orders_of_users"), "\(2 * users.count)")
    // Who deletes the account is not brought back by the old password, whichever way they came.
    for user in users where user.framework == "laravel" || user.framework == "wordpress" {
      try moto.deleteUser(user.username, in: pool)
      _ = try database.query(
        "SELECT cognito.mark_deleted($1::text, sub, now()) FROM cognito.users WHERE username = $2::text",
        [pool.text, user.username])
      for name in [user.username, user.email] {
        XCTAssertFalse(try cognito.signIn(name, password: user.password), user.framework)
      }
    }
    let log = function.logText
    for user in users {
      XCTAssertEqual(try log.givesAway(user.secrets), [])
    }
  }
}
