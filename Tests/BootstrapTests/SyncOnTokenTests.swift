import Foundation
import LocalLambda
import TestSupport
import XCTest

/// `SYNC_ON_TOKEN`: the token can be all that is ever seen of a user.
final class SyncOnTokenTests: XCTestCase {
  private static let sources = [
    "TokenGeneration_HostedAuth", "TokenGeneration_Authentication",
    "TokenGeneration_NewPasswordChallenge", "TokenGeneration_AuthenticateDevice",
    "TokenGeneration_RefreshTokens",
  ]

  private func function(
    _ database: TestDatabase, _ settings: [String: String]
  ) throws -> FunctionUnderTest {
    try FunctionUnderTest(
      environment: ["DATABASE_URL": database.handlerURL].merging(settings) { $1 },
      keeping: database)
  }

  private func groups(in answer: Answer) throws -> [String]? {
    guard case .response(let bytes) = answer.kind,
      let event = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any],
      let response = event["response"] as? [String: Any]
    else { return nil }
    let details = response["claimsOverrideDetails"] ?? response["claimsAndScopeOverrideDetails"]
    let override = (details as? [String: Any])?["groupOverrideDetails"] as? [String: Any]
    return override?["groupsToOverride"] as? [String]
  }

  func testEverySourceWithAUserWritesItAndAnUnchangedOneCostsNoWAL() throws {
    let database = try TestDatabase()
    let function = try function(database, ["SYNC_ON_TOKEN": "on"])
    for source in Self.sources {
      var event = TestEvent(source)
      XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
      XCTAssertEqual(try function.lastOutcome(), "inserted", source)
      let before = try database.value("SELECT pg_current_wal_insert_lsn()")
      XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
      XCTAssertEqual(try function.lastOutcome(), "unchanged", source)
      XCTAssertEqual(
        try database.value("SELECT pg_current_wal_insert_lsn() - $1::pg_lsn", [before]), "0")
      event.attributes["email"] = "new@example.com"
      XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
      XCTAssertEqual(try function.lastOutcome(), "updated", source)
    }
    let event = TestEvent("TokenGeneration_ClientCredentials")
    XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
    XCTAssertEqual(try function.lastOutcome(), "passed")
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.users"), "5")
    // A token is neither a confirmation nor a sign-in.
    XCTAssertEqual(
      try database.value(
        "SELECT count(*) FROM cognito.users WHERE confirmed_at IS NOT NULL OR last_sign_in_at IS NOT NULL"
      ),
      "0")
  }

  func testTheFirstTokenOfAUserWritesTheRowAndHasItsRoles() throws {
    let database = try TestDatabase()
    // A role that everybody gets, given by a trigger of the team's.
    try database.execute(
      """
      INSERT INTO cognito.roles (name) VALUES ('member');
      CREATE FUNCTION welcome() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
      BEGIN
        INSERT INTO cognito.user_roles SELECT NEW.id, r.id FROM cognito.roles AS r;
        RETURN NULL;
      END $$;
      CREATE TRIGGER welcome AFTER INSERT ON cognito.users FOR EACH ROW EXECUTE FUNCTION welcome();
      """)
    let function = try function(
      database, ["SYNC_ON_TOKEN": "on", "TOKEN_ROLES": "on", "METRICS": "emf"])
    for source in Self.sources {
      let event = TestEvent(source)
      XCTAssertEqual(try groups(in: function.invoke(event)), ["member"], source)
      let first = try XCTUnwrap(function.reports().last)
      XCTAssertEqual(first["outcome"] as? String, "overridden")
      XCTAssertEqual(first["written"] as? String, "inserted")
      let metrics = try XCTUnwrap(function.logLines().last { $0["_aws"] != nil })
      XCTAssertEqual(metrics["Inserted"] as? Int, 1)
      XCTAssertEqual(metrics["Overridden"] as? Int, 1)
      let before = try database.value("SELECT pg_current_wal_insert_lsn()")
      XCTAssertEqual(try groups(in: function.invoke(event)), ["member"], source)
      XCTAssertEqual(try function.reports().last?["written"] as? String, "unchanged")
      XCTAssertEqual(
        try database.value("SELECT pg_current_wal_insert_lsn() - $1::pg_lsn", [before]), "0")
    }
    // The only event of a federated user.
    let file = TestEnvironment.fixtures.appendingPathComponent(
      "events/variations/token-only-federated.json")
    XCTAssertEqual(try groups(in: function.invoke(Array(Data(contentsOf: file)))), ["member"])
    XCTAssertEqual(
      try database.value("SELECT status FROM cognito.users WHERE username = 'AcmeSAML_x'"),
      "EXTERNAL_PROVIDER")
  }

  func testOnlyLiveUsersHaveRolesInTheirTokensAndATokenProvesThatOneIsEnabled() throws {
    let database = try TestDatabase()
    let event = TestEvent("TokenGeneration_RefreshTokens")
    let writing = try function(database, ["SYNC_ON_TOKEN": "on", "TOKEN_ROLES": "on"])
    let reading = try function(database, ["TOKEN_ROLES": "on"])
    XCTAssertEqual(try groups(in: writing.invoke(event)), [])
    XCTAssertEqual(try groups(in: reading.invoke(event)), [])
    for change in ["enabled = false", "deleted_at = now()"] {
      try database.execute("UPDATE cognito.users SET \(change)")
      XCTAssertTrue(try reading.invoke(event).echoes(event.bytes), change)
      XCTAssertEqual(try reading.lastOutcome(), "failed")
      XCTAssertEqual(try groups(in: writing.invoke(event)), [], change)
      XCTAssertEqual(try writing.reports().last?["written"] as? String, "updated")
      XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.users_live"), "1")
    }
  }

  func testASignInProvesThatAUserIsEnabled() throws {
    let database = try TestDatabase()
    let function = try FunctionUnderTest(on: database)
    let event = TestEvent()
    _ = try function.invoke(event)
    try database.execute("UPDATE cognito.users SET enabled = false")
    // A confirmation does not.
    let confirmation = TestEvent(
      "PostConfirmation_ConfirmSignUp", sub: try XCTUnwrap(UUID(uuidString: event.userName)))
    XCTAssertTrue(try function.invoke(confirmation).echoes(confirmation.bytes))
    XCTAssertEqual(try database.value("SELECT enabled FROM cognito.users"), "f")
    _ = try function.invoke(event)
    XCTAssertEqual(try function.lastOutcome(), "updated")
    XCTAssertEqual(try database.value("SELECT enabled FROM cognito.users"), "t")
  }

  func testATokenWithoutItsRolesIsWorthWhatTheSettingSays() throws {
    let down = "postgresql://u:p@127.0.0.1:1/d"
    let event = TestEvent("TokenGeneration_Authentication")
    for (settings, isAnError) in [
      (["TOKEN_ROLES": "on"], false),
      (["TOKEN_ROLES": "on", "TOKEN_GENERATION_ON_FAILURE": "continue"], false),
      (["TOKEN_ROLES": "on", "TOKEN_GENERATION_ON_FAILURE": "fail"], true),
      (["SYNC_ON_TOKEN": "on"], false),
      (["SYNC_ON_TOKEN": "on", "TOKEN_GENERATION_ON_FAILURE": "fail"], true),
      (["TOKEN_GENERATION_ON_FAILURE": "fail"], false),
    ] {
      let function = try FunctionUnderTest(
        environment: ["DATABASE_URL": down].merging(settings) { $1 })
      let answer = try function.invoke(event)
      if isAnError {
        guard case .error(_, let body) = answer.kind else {
          XCTFail("\(settings)")
          continue
        }
        let text = String(decoding: body, as: UTF8.self)
        XCTAssertTrue(text.contains("please try again in a moment"), text)
      } else {
        XCTAssertTrue(answer.echoes(event.bytes), "\(settings)")
      }
    }
  }
}
