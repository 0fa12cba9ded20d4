import CognitoTriggers
import Foundation
import LocalLambda
import TestSupport
import XCTest

/// `TOKEN_ROLES`: token events are answered with the database's roles, everything else as before.
final class TokenRolesTests: XCTestCase {
  private static let pool = "eu-central-1_ExaMPLe01"

  private func function(
    _ database: TestDatabase, url: String? = nil, _ changes: [String: String] = [:]
  ) throws -> FunctionUnderTest {
    try FunctionUnderTest(
      environment: ["DATABASE_URL": url ?? database.handlerURL, "TOKEN_ROLES": "on"]
        .merging(changes) { $1 },
      keeping: database)
  }

  /// A row for everybody whom the fixtures know, with these roles.
  private func database(withRoles names: [String]) throws -> TestDatabase {
    let database = try TestDatabase()
    for file in try tokenFixtures() {
      guard let sub = try TriggerEvent(Array(Data(contentsOf: file))).attributes.sub else {
        continue
      }
      try database.query(
        """
        INSERT INTO cognito.users (user_pool_id, sub, observed_at)
        VALUES ($1::text, $2::uuid, now()) ON CONFLICT DO NOTHING
        """, [Self.pool, sub.description])
    }
    try database.query(
      """
      WITH added AS (
        INSERT INTO cognito.roles (name) SELECT jsonb_array_elements_text($1::jsonb) RETURNING id)
      INSERT INTO cognito.user_roles SELECT u.id, added.id FROM cognito.users u, added
      """, [String(decoding: JSONEncoder().encode(names), as: UTF8.self)])
    return database
  }

  private func tokenFixtures() throws -> [URL] {
    try TestEnvironment.fixtureFiles(in: "events/sources")
      .filter { $0.lastPathComponent.hasPrefix("TokenGeneration") }
  }

  private func fixture(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: XCTUnwrap(tokenFixtures().first { $0.lastPathComponent == name })))
  }

  private func object(_ bytes: [UInt8]) throws -> NSDictionary {
    try XCTUnwrap(JSONSerialization.jsonObject(with: Data(bytes)) as? NSDictionary)
  }

  /// The override in an answer, and the answer without it, which must be the event.
  private func override(
    in answer: Answer, to event: [UInt8], _ label: String
  ) throws -> [String: Any] {
    guard case .response(let bytes) = answer.kind else {
      XCTFail("\(label) was answered with an error")
      return [:]
    }
    let before = try object(event)
    let after = try XCTUnwrap(try object(bytes).mutableCopy() as? NSMutableDictionary)
    let member =
      before["version"] as? String == "1"
      ? "claimsOverrideDetails" : "claimsAndScopeOverrideDetails"
    let response = try XCTUnwrap(after["response"] as? [String: Any])
    let details = try XCTUnwrap(response[member] as? [String: Any], label)
    XCTAssertEqual(Array(details.keys), ["groupOverrideDetails"])
    XCTAssertEqual(Array(response.keys), [member])
    after["response"] = before["response"]
    XCTAssertEqual(after, before, label)
    return try XCTUnwrap(details["groupOverrideDetails"] as? [String: Any])
  }

  func testEveryTokenEventOfAUserGetsTheRolesInEveryVersion() throws {
    let names = ["admin", "billing:\"EU\"", "ä\\"]
    let database = try database(withRoles: names)
    let function = try function(database, ["METRICS": "emf"])
    var count = 0
    for file in try tokenFixtures() where !file.lastPathComponent.contains("ClientCredentials") {
      let label = file.lastPathComponent
      let event = Array(try Data(contentsOf: file))
      let override = try override(in: try function.invoke(event), to: event, label)
      let request = try XCTUnwrap(object(event)["request"] as? [String: Any])
      let configuration = try XCTUnwrap(request["groupConfiguration"] as? [String: Any])
      XCTAssertEqual(override["groupsToOverride"] as? [String], names, label)
      XCTAssertEqual(
        override["iamRolesToOverride"] as? [String],
        configuration["iamRolesToOverride"] as? [String])
      XCTAssertEqual(
        override["preferredRole"] as? NSObject, configuration["preferredRole"] as? NSObject)
      XCTAssertEqual(override.count, 3)
      XCTAssertEqual(try function.lastOutcome(), "overridden")
      count += 1
    }
    XCTAssertEqual(count, 7)
    XCTAssertTrue(function.logText.contains(#""Overridden":1"#))
  }

  func testAUserWithoutRolesGetsNoGroups() throws {
    let function = try function(try database(withRoles: []))
    let event = try fixture("TokenGeneration_RefreshTokens.json")
    let override = try override(in: try function.invoke(event), to: event, "")
    XCTAssertEqual(override["groupsToOverride"] as? [String], [])
  }

  func testEmulatorsEventsAndThoseWithoutGroupsAreAnsweredWithTheRoles() throws {
    let database = try TestDatabase()
    let function = try function(database)
    for (name, member, other) in [
      ("token-version-0", "claimsOverrideDetails", "claimsAndScopeOverrideDetails"),
      ("token-version-latest", "claimsOverrideDetails", "claimsAndScopeOverrideDetails"),
      ("token-group-configuration-null", "claimsAndScopeOverrideDetails", "claimsOverrideDetails"),
    ] {
      let event = Array(
        try Data(
          contentsOf: TestEnvironment.fixtures
            .appendingPathComponent("events/variations/\(name).json")))
      let decoded = try TriggerEvent(event)
      try database.query(
        """
        INSERT INTO cognito.users (user_pool_id, sub, observed_at)
        VALUES ($1::text, $2::uuid, now()) ON CONFLICT DO NOTHING
        """, [XCTUnwrap(decoded.userPoolID), XCTUnwrap(decoded.attributes.sub).description])
      try database.execute(
        """
        INSERT INTO cognito.roles (name) VALUES ('admin') ON CONFLICT DO NOTHING;
        INSERT INTO cognito.user_roles SELECT u.id, r.id FROM cognito.users u, cognito.roles r
        ON CONFLICT DO NOTHING
        """)
      guard case .response(let bytes) = try function.invoke(event).kind else {
        XCTFail(name)
        continue
      }
      let response = try XCTUnwrap(object(bytes)["response"] as? [String: Any], name)
      let details = try XCTUnwrap(response[member] as? [String: Any], name)
      let override = details["groupOverrideDetails"] as? NSDictionary
      XCTAssertEqual(override, ["groupsToOverride": ["admin"]], name)
      XCTAssertNil(response[other], name)
      let (before, after) = (
        try object(event).mutableCopy() as? NSMutableDictionary,
        try object(bytes).mutableCopy() as? NSMutableDictionary
      )
      for event in [before, after] { event?["response"] = nil }
      XCTAssertEqual(before, after, name)
    }
  }

  func testGroupsOfCognitosThatAreToBeKeptStandBesideTheRoles() throws {
    let database = try database(withRoles: ["admin", "zebra"])
    let text = String(decoding: try fixture("TokenGeneration_HostedAuth.json"), as: UTF8.self)
    let pattern = #""groupsToOverride":\[[^\]]*\]"#
    let own = "\(Self.pool)_AcmeSAML"
    let event = Array(
      text.replacingOccurrences(
        of: pattern, with: #""groupsToOverride":["\#(own)","guests","staff-1"]"#,
        options: .regularExpression
      ).utf8)
    XCTAssertNotEqual(event, Array(text.utf8))
    for (setting, groups) in [
      ("", ["admin", "zebra"]), ("nobody", ["admin", "zebra"]),
      ("\(own),staff-*", ["admin", own, "staff-1", "zebra"]),
    ] {
      let function = try function(database, ["TOKEN_ROLES_KEEP": setting])
      let override = try override(in: try function.invoke(event), to: event, setting)
      XCTAssertEqual(override["groupsToOverride"] as? [String], groups, setting)
    }
  }

  func testARoleThatIsTakenAwayIsGoneFromTheNextToken() throws {
    let database = try database(withRoles: ["admin", "editor"])
    let function = try function(database)
    let event = try fixture("TokenGeneration_RefreshTokens.json")
    for (change, names) in [
      ("", ["admin", "editor"]), ("DELETE FROM cognito.roles WHERE name = 'admin'", ["editor"]),
      ("UPDATE cognito.roles SET name = 'author'", ["author"]),
    ] {
      if !change.isEmpty { try database.execute(change) }
      let override = try override(in: try function.invoke(event), to: event, change)
      XCTAssertEqual(override["groupsToOverride"] as? [String], names)
    }
  }

  func testReadingTheRolesIsOneRoundTripAndWritesNothing() throws {
    let database = try database(withRoles: ["admin"])
    let relay = try TCPRelay(to: database.serverPort)
    let function = try function(
      database,
      url: database.urlForHandler(port: relay.port))
    let event = try fixture("TokenGeneration_HostedAuth.json")
    _ = try function.invoke(event)
    let state = "SELECT pg_current_wal_insert_lsn(), pg_snapshot_xmax(pg_current_snapshot())"
    let (before, requests) = (try database.query(state), relay.requestCount)
    for _ in 1...50 { XCTAssertFalse(try function.invoke(event).echoes(event)) }
    XCTAssertEqual(relay.requestCount - requests, 50)
    XCTAssertEqual(relay.acceptedCount, 1)
    XCTAssertEqual(try database.query(state), before)
  }

  func testThroughPgBouncerToo() throws {
    let database = try database(withRoles: ["admin"])
    let port = try XCTUnwrap(Int(TestEnvironment.variable("POOLTABLE_TEST_PGBOUNCER_PORT")))
    let function = try function(
      database,
      url: database.urlForHandler(port: port))
    for file in try tokenFixtures() where !file.lastPathComponent.contains("ClientCredentials") {
      let event = Array(try Data(contentsOf: file))
      let override = try override(in: try function.invoke(event), to: event, "")
      XCTAssertEqual(override["groupsToOverride"] as? [String], ["admin"])
    }
  }

  func testABrokenConnectionIsReplacedAsForAWrite() throws {
    let database = try database(withRoles: ["admin"])
    let relay = try TCPRelay(to: database.serverPort)
    let function = try function(
      database,
      url: database.urlForHandler(port: relay.port))
    let event = try fixture("TokenGeneration_HostedAuth.json")
    _ = try function.invoke(event)
    relay.set(.resetAfterNextRequest)
    let override = try override(in: try function.invoke(event), to: event, "")
    XCTAssertEqual(override["groupsToOverride"] as? [String], ["admin"])
    XCTAssertEqual(try function.reports().last?["attempts"] as? Int, 2)
  }

  func testAllElseIsAnsweredWithItsOwnBytes() throws {
    let function = try function(try database(withRoles: ["admin"]))
    for file in try TestEnvironment.fixtureFiles(in: "events/sources") {
      let name = file.lastPathComponent
      if name.hasPrefix("TokenGeneration"), !name.contains("ClientCredentials") { continue }
      let event = Array(try Data(contentsOf: file))
      XCTAssertTrue(try function.invoke(event).echoes(event), name)
      XCTAssertNotEqual(try function.lastOutcome(), "overridden", name)
    }
  }

  func testItIsOffUnlessAskedFor() throws {
    let database = try database(withRoles: ["admin"])
    for setting in ["off", ""] {
      let function = try function(database, ["TOKEN_ROLES": setting])
      for file in try tokenFixtures() {
        let event = Array(try Data(contentsOf: file))
        XCTAssertTrue(try function.invoke(event).echoes(event), file.lastPathComponent)
        XCTAssertEqual(try function.lastOutcome(), "passed")
      }
    }
  }

  // MARK: Whatever fails, the event is answered with its own bytes

  private func assertEchoed(
    _ event: [UInt8], by function: FunctionUnderTest, as failureClass: String,
    file: StaticString = #filePath, line: UInt = #line
  ) throws {
    XCTAssertTrue(try function.invoke(event).echoes(event), file: file, line: line)
    let report = try XCTUnwrap(function.reports().last { $0["requestId"] != nil })
    XCTAssertEqual(report["outcome"] as? String ?? report["Outcome"] as? String, "failed")
    XCTAssertTrue(
      function.logText.contains(#""FailureClass":"\#(failureClass)""#), function.logText,
      file: file, line: line)
  }

  func testADatabaseThatIsDownOrOldOrReplacedWronglyNeverFailsTheTrigger() throws {
    let event = try fixture("TokenGeneration_Authentication.json")
    let database = try database(withRoles: ["admin"])
    let settings = ["METRICS": "emf", "SYNC_BUDGET_MS": "1000"]
    let nowhere = "postgresql://127.0.0.1:\(try TCPRelay.unusedPort())/app"
    try assertEchoed(event, by: try function(database, url: nowhere, settings), as: "Connection")
    let silent = try TCPRelay(to: database.serverPort)
    silent.set(.swallow)
    let url = database.urlForHandler(port: silent.port)
    try assertEchoed(event, by: try function(database, url: url, settings), as: "Timeout")
    let empty = try TestDatabase(migrated: false)
    try assertEchoed(
      event, by: try function(empty, url: empty.ownerURL, settings), as: "Schema")
    try database.execute(
      """
      CREATE OR REPLACE FUNCTION cognito.roles_for_token(user_pool_id text, sub uuid)
      RETURNS text[] LANGUAGE sql AS $$ SELECT ARRAY['admin', NULL] $$
      """)
    try assertEchoed(event, by: try function(database, settings), as: "Schema")
  }

  func testAUserWhoIsNotThereKeepsTheGroupsThatCognitoKnows() throws {
    let database = try TestDatabase()
    let function = try function(database, ["METRICS": "emf"])
    try assertEchoed(
      try fixture("TokenGeneration_Authentication.v2.json"), by: function, as: "UnknownUser")
    let line = try XCTUnwrap(function.logLines().first { $0["problem"] != nil })
    XCTAssertEqual(line["userPoolId"] as? String, Self.pool)
    XCTAssertEqual(line["sub"] as? String, "649ad683-648a-4b8d-ab6a-0f26b5f08742")
  }

  func testAnEventOfAnotherFormIsLeftAlone() throws {
    let database = try database(withRoles: ["admin"])
    let function = try function(database, ["METRICS": "emf"])
    let text = String(decoding: try fixture("TokenGeneration_Authentication.json"), as: UTF8.self)
    for (part, other) in [
      (#""groupConfiguration":{"#, #""groupConfiguration":1,"x":{"#),
      (#""response":{"claimsOverrideDetails":null}"#, #""response":[]"#),
    ] {
      let event = Array(text.replacingOccurrences(of: part, with: other).utf8)
      try assertEchoed(event, by: function, as: "Event")
    }
    let anonymous = Array(text.replacingOccurrences(of: #""sub""#, with: #""not_sub""#).utf8)
    XCTAssertTrue(try function.invoke(anonymous).echoes(anonymous))
    XCTAssertEqual(try function.lastOutcome(), "passed")
  }

  func testSpoiledTokenEventsAreAnsweredWithValidJSONOrTheirOwnBytes() throws {
    let database = try database(withRoles: ["admin"])
    let function = try function(database)
    var overridden = 0
    for event in try HostileEvents(seed: 11).prefix(6000) where event.label.contains("TokenGen") {
      let answer = try function.invoke(event.bytes)
      let report = try XCTUnwrap(try function.takeReport(), event.label)
      switch (answer.kind, try? TriggerEvent(event.bytes)) {
      case (.error, nil): break
      case (.response(let bytes), let decoded?):
        if report["outcome"] as? String == "overridden" {
          XCTAssertEqual(try TriggerEvent(bytes), decoded, event.label)
          overridden += 1
        } else {
          XCTAssertTrue(bytes == event.bytes, event.label)
        }
      default: XCTFail(event.label)
      }
    }
    XCTAssertGreaterThan(overridden, 100)
  }
}
