import CognitoAPI
import Foundation
import LocalLambda
import TestSupport
import XCTest

/// `FOLLOW_CHANGES`: records of CloudTrail's say where to look; moto is Cognito.
final class FollowChangesTests: XCTestCase {
  private func function(
    on database: TestDatabase, pools: [UserPoolID], _ more: [String: String] = [:]
  ) throws -> FunctionUnderTest {
    var environment = try MotoServer.shared.environment
    environment["DATABASE_URL"] = database.handlerURL
    environment["FOLLOW_CHANGES"] = "on"
    environment["USER_POOL_IDS"] = pools.map(\.text).joined(separator: ",")
    return try FunctionUnderTest(environment: environment.merging(more) { $1 }, keeping: database)
  }

  private func record(
    _ name: String, sub: String?, pool: UserPoolID?, at time: Date = Date(),
    _ changes: [String: Any] = [:]
  ) -> [UInt8] {
    TestRecord(name, sub: sub, userPoolID: pool?.text, at: time, changes).bytes
  }

  private func row(_ database: TestDatabase, _ sub: String) throws -> String? {
    try database.value(
      """
      SELECT concat_ws(' ', username, email, status, enabled, deleted_at IS NOT NULL)
      FROM cognito.users WHERE sub = $1::uuid
      """, [sub])
  }

  func testAUserIsFollowedFromCreationToDeletion() throws {
    let (moto, database) = (try MotoServer.shared, try TestDatabase())
    let pool = try moto.createUserPool()
    let function = try function(on: database, pools: [pool], ["METRICS": "emf"])
    let ada = try moto.createUser("ada", attributes: ["email": "ada@example.com"], in: pool)

    func follow(
      _ name: String, pool recorded: UserPoolID?, outcome: String, row expected: String,
      line: UInt = #line
    ) throws {
      let event = record(name, sub: ada.sub, pool: recorded)
      XCTAssertTrue(try function.invoke(event).echoes(event), line: line)
      let report = try XCTUnwrap(function.reports().last)
      XCTAssertEqual(report["outcome"] as? String, outcome, line: line)
      XCTAssertEqual(report["eventName"] as? String, name, line: line)
      XCTAssertEqual(try row(database, ada.sub), expected, line: line)
    }
    try follow(
      "AdminCreateUser", pool: pool, outcome: "inserted",
      row: "ada ada@example.com FORCE_CHANGE_PASSWORD t f")
    try moto.setAttributes(["email": "new@example.com"], of: "ada", in: pool)
    // As a user who acts for herself: no pool in the record.
    try follow(
      "UpdateUserAttributes", pool: nil, outcome: "updated",
      row: "ada new@example.com FORCE_CHANGE_PASSWORD t f")
    try moto.setEnabled(false, "ada", in: pool)
    try follow(
      "AdminDisableUser", pool: pool, outcome: "updated",
      row: "ada new@example.com FORCE_CHANGE_PASSWORD f f")
    try moto.setEnabled(true, "ada", in: pool)
    try follow(
      "AdminEnableUser", pool: pool, outcome: "updated",
      row: "ada new@example.com FORCE_CHANGE_PASSWORD t f")
    // A record that comes twice, and one that lies.
    try follow(
      "AdminEnableUser", pool: pool, outcome: "unchanged",
      row: "ada new@example.com FORCE_CHANGE_PASSWORD t f")
    try follow(
      "DeleteUser", pool: nil, outcome: "unchanged",
      row: "ada new@example.com FORCE_CHANGE_PASSWORD t f")
    try moto.deleteUser("ada", in: pool)
    try follow(
      "DeleteUser", pool: nil, outcome: "deleted",
      row: "ada new@example.com FORCE_CHANGE_PASSWORD t t")
    // Behind the deletion, out of order.
    try follow(
      "AdminEnableUser", pool: pool, outcome: "unchanged",
      row: "ada new@example.com FORCE_CHANGE_PASSWORD t t")

    let metrics = try function.logLines().filter { $0["_aws"] != nil }
    XCTAssertEqual(metrics.compactMap { $0["ChangeAge"] as? Double }.count, 8)
    XCTAssertEqual(Set(metrics.compactMap { $0["TriggerSource"] as? String }), ["CloudTrail"])
    XCTAssertEqual(metrics.compactMap { $0["Deleted"] as? Int }, [0, 0, 0, 0, 0, 0, 1, 0])
    // Nobody's name or address is in the log.
    XCTAssertFalse(function.logText.contains("example.com"))
  }

  func testTheAgeOfAChangeIsMeasuredFromTheCall() throws {
    let (moto, database) = (try MotoServer.shared, try TestDatabase())
    let pool = try moto.createUserPool()
    let function = try function(on: database, pools: [pool])
    _ = try function.invoke(
      record(
        "AdminDeleteUser", sub: UUID().uuidString.lowercased(), pool: pool,
        at: Date(timeIntervalSinceNow: -90)))
    let age = try XCTUnwrap(function.reports().last?["changeAgeMs"] as? Double)
    XCTAssertTrue((89_000..<150_000).contains(age), "\(age)")
  }

  func testWhatConcernsNobodyHereIsIgnoredAndWithoutACall() throws {
    let (moto, database) = (try MotoServer.shared, try TestDatabase())
    let pool = try moto.createUserPool()
    let function = try function(
      on: database, pools: [pool],
      ["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://127.0.0.1:1"])
    let sub = UUID().uuidString.lowercased()
    let other = try XCTUnwrap(UserPoolID("eu-central-1_Other"))
    let rows: [([UInt8], String)] = [
      (record("AdminDeleteUser", sub: sub, pool: other), "ignored"),
      (record("AdminDeleteUser", sub: sub, pool: pool, ["errorCode": "X"]), "ignored"),
      (record("AdminAddUserToGroup", sub: sub, pool: pool), "ignored"),
      (record("DeleteUser", sub: sub, pool: nil, ["awsRegion": "ap-south-1"]), "ignored"),
      (record("AdminLinkProviderForUser", sub: nil, pool: pool), "unidentified"),
      (record("StartUserImportJob", sub: nil, pool: pool), "ignored"),
    ]
    for (event, outcome) in rows {
      XCTAssertTrue(try function.invoke(event).echoes(event))
      XCTAssertEqual(try function.lastOutcome(), outcome)
    }
    let last = try XCTUnwrap(function.reports().last)
    XCTAssertEqual(last["level"] as? String, "WARN")
    XCTAssertEqual(
      last["problem"] as? String,
      "StartUserImportJob may have changed any number of users: run 'pooltable reconcile'")
  }

  func testAFailureFailsTheInvocationSoThatItIsTriedAgain() throws {
    let (moto, database) = (try MotoServer.shared, try TestDatabase())
    let pool = try moto.createUserPool()
    let ada = try moto.createUser("ada", in: pool)
    let event = record("AdminCreateUser", sub: ada.sub, pool: pool)
    let server = try ScriptedServer([
      .answer(400, body: Array(#"{"__type":"AccessDeniedException"}"#.utf8))
    ])
    let denied = try function(
      on: database, pools: [pool],
      ["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://\(server.endpoint)"])
    guard case .error("Function.ChangeNotFollowed", _) = try denied.invoke(event).kind else {
      return XCTFail("answered")
    }
    XCTAssertEqual(try denied.lastOutcome(), "failed")
    let down = try function(
      on: database, pools: [pool], ["DATABASE_URL": "postgresql://u:p@127.0.0.1:1/d"])
    guard case .error("Function.ChangeNotFollowed", _) = try down.invoke(event).kind else {
      return XCTFail("answered")
    }
    // And later all is well.
    let well = try function(on: database, pools: [pool])
    XCTAssertTrue(try well.invoke(event).echoes(event))
    XCTAssertEqual(try well.lastOutcome(), "inserted")
  }

  func testASilentCognitoLeavesTimeToSaySo() throws {
    let (moto, database) = (try MotoServer.shared, try TestDatabase())
    let pool = try moto.createUserPool()
    let server = try ScriptedServer([.silence])
    let function = try function(
      on: database, pools: [pool],
      ["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://\(server.endpoint)"])
    let event = record("AdminCreateUser", sub: UUID().uuidString.lowercased(), pool: pool)
    let answer = try function.invoke(
      event, envelope: EventEnvelope(requestID: "record", timeout: .seconds(2)), within: .seconds(4)
    )
    guard case .error("Function.ChangeNotFollowed", _) = answer.kind else {
      return XCTFail("answered")
    }
    XCTAssertLessThan(answer.elapsed, .seconds(2), "before Lambda ends the invocation")
    XCTAssertEqual(
      try function.reports().last?["problem"] as? String,
      "Cognito did not answer in time (it is tried again, if time is left)")
  }

  func testItIsOffUntilAskedForAndNeedsItsPools() throws {
    let (moto, database) = (try MotoServer.shared, try TestDatabase())
    let pool = try moto.createUserPool()
    let off = try FunctionUnderTest(on: database)
    let event = record("AdminDeleteUser", sub: UUID().uuidString, pool: pool)
    guard case .error("Function.InvalidEvent", _) = try off.invoke(event).kind else {
      return XCTFail("answered")
    }
    XCTAssertEqual(
      try off.reports().last?["problem"] as? String,
      "a record of CloudTrail's came, and FOLLOW_CHANGES is off")
    let unbounded = try function(on: database, pools: [])
    XCTAssertThrowsError(try unbounded.invoke(event)) { error in
      guard case .initializationError(let body)? = error as? LocalRuntimeError else {
        return XCTFail("\(error)")
      }
      let text = String(decoding: body, as: UTF8.self)
      XCTAssertTrue(text.contains("FOLLOW_CHANGES needs USER_POOL_IDS"), text)
    }
  }

  func testEveryFixtureOfAFollowedCallIsFollowed() throws {
    let database = try TestDatabase()
    let pool = try XCTUnwrap(UserPoolID("eu-central-1_ExaMPLe01"))
    let function = try function(on: database, pools: [pool])
    try database.query(
      """
      INSERT INTO cognito.users (user_pool_id, sub, username, observed_at)
      VALUES ($1::text, '3f1c2d4e-5a6b-4c7d-8e9f-0a1b2c3d4e5f', 'ada', now() - interval '1 hour')
      """, [pool.text])
    let ignored: Set = [
      "failed-call", "not-followed", "other-pool", "other-region", "StartUserImportJob",
      "DeleteUserPool",
    ]
    for file in try TestEnvironment.fixtureFiles(in: "events/changes") {
      let name = file.deletingPathExtension().lastPathComponent
      try database.execute("UPDATE cognito.users SET deleted_at = NULL")
      let event = Array(try Data(contentsOf: file))
      let answer = try function.invoke(event)
      let expected =
        name == "neither-name-nor-sub"
        ? "unidentified" : ignored.contains(name) ? "ignored" : "failed"
      // moto has no such pool: whoever is asked about is a call that fails, and seen.
      XCTAssertEqual(try function.lastOutcome(), expected, name)
      XCTAssertEqual(answer.echoes(event), expected != "failed", name)
    }
  }
}
