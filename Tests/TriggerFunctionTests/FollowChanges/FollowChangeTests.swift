import Clock
import CognitoAPI
import CognitoTriggers
import JSON
import Postgres
import TestSupport
import UserTable
import XCTest

@testable import TriggerFunction

/// What becomes of the row, by what Cognito answers: a real database, and a directory that the test writes.
final class FollowChangeTests: XCTestCase {
  /// Cognito's users of one pool, by name; the list of users may be behind.
  private final class Directory: UserDirectory {
    var users: [String: CognitoUser] = [:]
    var listed: [String: String] = [:]
    var failure: CognitoError?
    var asked: [String] = []
    /// Done before each answer: what happens meanwhile.
    var meanwhile: () throws -> Void = {}

    func user(
      _ username: String, in pool: UserPoolID, until deadline: Deadline
    ) throws(CognitoError) -> CognitoUser {
      asked.append("get \(username) \(pool.text) \(pool.region)")
      XCTAssertNoThrow(try meanwhile())
      if let failure { throw failure }
      guard let user = users["\(pool.text)/\(username)"] else { throw .userNotFound }
      return user
    }

    func userName(
      of sub: Sub, in pool: UserPoolID, until deadline: Deadline
    ) throws(CognitoError) -> String? {
      asked.append("list \(pool.text)")
      if let failure { throw failure }
      return listed["\(pool.text)/\(sub)"]
    }
  }

  private let pool = "eu-central-1_A"
  private let ada = "3f1c2d4e-5a6b-4c7d-8e9f-0a1b2c3d4e5f"
  private let other = "00000000-5a6b-4c7d-8e9f-0a1b2c3d4e5f"
  private let directory = Directory()

  private func show(
    _ name: String, sub: String, email: String = "ada@example.com", enabled: Bool = true,
    status: String = "CONFIRMED"
  ) throws {
    let json = """
      {"Username": "\(name)", "UserStatus": "\(status)", "Enabled": \(enabled), "UserAttributes": [
        {"Name": "sub", "Value": "\(sub)"}, {"Name": "email", "Value": "\(email)"}]}
      """
    var reader = try JSONReader(Array(json.utf8))
    directory.users["\(pool)/\(name)"] = try CognitoUser.read(&reader).get()
  }

  private func follow(
    _ subject: ChangeRule.Subject, on database: TestDatabase, in pools: [String]? = nil,
    now: @escaping () -> Timestamp = Timestamp.now
  ) throws -> ActionResult {
    let store = UserStore(
      parameters: try ConnectionParameters(parsing: database.handlerURL), idleLimit: .seconds(60))
    return FollowChange(store: store, directory: directory, now: now).perform(
      for: subject, in: try (pools ?? [pool]).map { try XCTUnwrap(UserPoolID($0)) },
      until: .after(.seconds(20)))
  }

  private func change(userName: String? = nil, isGone: Bool = false) throws -> ChangeRule.Subject {
    .sub(try XCTUnwrap(Sub(ada)), userName: userName, isGone: isGone)
  }

  /// Ada as a trigger wrote her, an hour ago.
  private func databaseWithAda() throws -> TestDatabase {
    let database = try TestDatabase()
    try database.query(
      """
      INSERT INTO cognito.users (user_pool_id, sub, username, email, status, attributes, observed_at)
      VALUES ($1::text, $2::uuid, 'ada', 'ada@example.com', 'CONFIRMED', '{"cognito:email_alias": "a"}',
        now() - interval '1 hour')
      """, [pool, ada])
    return database
  }

  private func row(_ database: TestDatabase, sub: String? = nil) throws -> String? {
    try database.value(
      """
      SELECT concat_ws(' ', username, email, enabled, attributes, deleted_at IS NOT NULL)
      FROM cognito.users WHERE sub = $1::uuid
      """, [sub ?? ada])
  }

  func testWhatCognitoAnswersIsWrittenAndASecondRecordChangesNothing() throws {
    let database = try databaseWithAda()
    try show("ada", sub: ada, email: "new@example.com", enabled: false)
    XCTAssertEqual(try follow(change(), on: database).report.outcome, .updated)
    XCTAssertEqual(
      try row(database), #"ada new@example.com f {"cognito:email_alias": "a"} f"#)
    XCTAssertEqual(try follow(change(), on: database).report.outcome, .unchanged)
    XCTAssertEqual(directory.asked, Array(repeating: "get ada \(pool) eu-central-1", count: 2))
  }

  func testWhoIsGoneIsMarkedAndWhoIsStillThereIsNot() throws {
    let database = try databaseWithAda()
    try show("ada", sub: ada)
    // The record says that she was deleted; Cognito says otherwise.
    XCTAssertEqual(try follow(change(isGone: true), on: database).report.outcome, .unchanged)
    directory.users = [:]
    XCTAssertEqual(try follow(change(), on: database).report.outcome, .deleted)
    XCTAssertEqual(
      try row(database), #"ada ada@example.com t {"cognito:email_alias": "a"} t"#)
    XCTAssertEqual(try follow(change(isGone: true), on: database).report.outcome, .unchanged)
    try show("ada", sub: ada)
    XCTAssertEqual(try follow(change(), on: database).report.outcome, .updated)
  }

  func testANameThatIsUsedAgainMarksTheOldUserAndBringsTheNewOne() throws {
    let database = try databaseWithAda()
    try show("ada", sub: other, email: "second@example.com")
    XCTAssertEqual(try follow(change(), on: database).report.outcome, .deleted)
    XCTAssertEqual(try row(database)?.hasSuffix(" t"), true)
    XCTAssertEqual(try row(database, sub: other), "ada second@example.com t {} f")
  }

  func testWhatATriggerWroteAfterCognitoWasAskedStays() throws {
    let database = try databaseWithAda()
    try show("ada", sub: ada, email: "old@example.com")
    directory.meanwhile = {
      try database.execute(
        "UPDATE cognito.users SET email = 'newer@example.com', observed_at = clock_timestamp()")
    }
    XCTAssertEqual(try follow(change(), on: database).report.outcome, .stale)
    directory.users = [:]
    XCTAssertEqual(try follow(change(), on: database).report.outcome, .stale)
    XCTAssertEqual(
      try row(database), #"ada newer@example.com t {"cognito:email_alias": "a"} f"#)
  }

  func testALateEventDoesNotBringADeletedUserBack() throws {
    let database = try databaseWithAda()
    let asked = Timestamp.now()
    XCTAssertEqual(try follow(change(), on: database, now: { asked }).report.outcome, .deleted)
    let late = try SyncedUser(
      TriggerEvent(TestEvent(sub: XCTUnwrap(UUID(uuidString: ada)), userPoolID: pool).bytes),
      observedAt: asked.advanced(by: .milliseconds(-1)), requestID: "1", at: .confirmation)
    let store = UserStore(
      parameters: try ConnectionParameters(parsing: database.handlerURL), idleLimit: .seconds(60))
    XCTAssertEqual(
      try store.run(SyncUserCall(late), until: .after(.seconds(20))).answer.get().outcome, .stale)
  }

  func testWhoHasNoRowIsFoundByTheListAndAskedForByName() throws {
    let database = try TestDatabase()
    try show("ada", sub: ada)
    // Nobody needs a row for somebody who is gone.
    XCTAssertEqual(try follow(change(isGone: true), on: database).report.outcome, .unchanged)
    XCTAssertEqual(directory.asked, [])
    // The list is behind.
    XCTAssertEqual(try follow(change(), on: database).report.outcome, .unidentified)
    directory.listed["\(pool)/\(ada)"] = "ada"
    directory.asked = []
    XCTAssertEqual(
      try follow(change(), on: database, in: ["eu-central-1_0", pool]).report.outcome, .inserted)
    XCTAssertEqual(
      directory.asked,
      ["list eu-central-1_0", "list \(pool)", "get ada \(pool) eu-central-1"])
    XCTAssertEqual(try row(database), "ada ada@example.com t {} f")
  }

  func testTheRecordsNameHelpsWhereTheListIsBehindAndIsNotBelieved() throws {
    let database = try TestDatabase()
    try show("bo", sub: other)
    XCTAssertEqual(try follow(change(userName: "bo"), on: database).report.outcome, .unidentified)
    XCTAssertNil(try row(database, sub: other))
    try show("ada", sub: ada)
    XCTAssertEqual(try follow(change(userName: "ada"), on: database).report.outcome, .inserted)
  }

  func testAUserOfWhomOnlyTheNameIsToldIsAskedForByIt() throws {
    let database = try databaseWithAda()
    try show("ada", sub: ada, email: "new@example.com")
    XCTAssertEqual(try follow(.userName("ada"), on: database).report.outcome, .updated)
    XCTAssertEqual(
      try row(database), #"ada new@example.com t {"cognito:email_alias": "a"} f"#)
    XCTAssertEqual(try follow(.userName("nobody"), on: database).report.outcome, .unidentified)
    directory.users = [:]
    XCTAssertEqual(try follow(.userName("ada"), on: database).report.outcome, .deleted)
  }

  func testWhoHasARowWithoutANameIsMarkedOnlyAfterBeingAskedForByOne() throws {
    let database = try databaseWithAda()
    try database.execute("UPDATE cognito.users SET username = NULL")
    XCTAssertEqual(try follow(change(), on: database).report.outcome, .unidentified)
    directory.listed["\(pool)/\(ada)"] = "ada"
    XCTAssertEqual(try follow(change(), on: database).report.outcome, .deleted)
  }

  func testOfSeveralPoolsOnlyThatOfTheRowIsAsked() throws {
    let database = try databaseWithAda()
    try show("ada", sub: ada, email: "new@example.com")
    let pools = ["eu-central-1_0", pool]
    XCTAssertEqual(try follow(change(), on: database, in: pools).report.outcome, .updated)
    XCTAssertEqual(directory.asked, ["get ada \(pool) eu-central-1"])
  }

  /// A user who acts for themselves: nobody can say which pool's name it is.
  func testTheRecordsNameIsNoNameInOneOfSeveralPools() throws {
    let database = try TestDatabase()
    try show("ada", sub: ada)
    let pools = [pool, "eu-central-1_Z"]
    XCTAssertEqual(
      try follow(change(userName: "ada"), on: database, in: pools).report.outcome, .unidentified)
    XCTAssertEqual(directory.asked, pools.map { "list \($0)" })
  }

  func testATriggersWordAboutAUserWhoWasAskedForByNameStays() throws {
    let database = try databaseWithAda()
    directory.meanwhile = {
      try database.execute("UPDATE cognito.users SET observed_at = clock_timestamp()")
    }
    XCTAssertEqual(try follow(.userName("ada"), on: database).report.outcome, .stale)
    XCTAssertEqual(try row(database)?.hasSuffix(" f"), true)
  }

  func testAnAnswerWithoutASubMarksNobodyAndFails() throws {
    let database = try databaseWithAda()
    var reader = try JSONReader(Array(#"{"Username": "ada", "UserAttributes": []}"#.utf8))
    directory.users["\(pool)/ada"] = try CognitoUser.read(&reader).get()
    let result = try follow(change(), on: database)
    guard case .failure(.cognito(.malformedAnswer)) = result.answer else {
      return XCTFail("\(result)")
    }
    XCTAssertEqual(try row(database)?.hasSuffix(" f"), true)
  }

  func testWhatFailsFailsTheInvocationAndNamesTheUser() throws {
    let database = try databaseWithAda()
    for failure: CognitoError in [.throttled, .accessDenied(.getUser), .resourceNotFound] {
      directory.failure = failure
      let result = try follow(change(), on: database)
      XCTAssertEqual(result.report.outcome, .failed)
      XCTAssertEqual(result.report.user?.sub.description, ada)
      guard case .failure(.cognito(failure)) = result.answer else {
        XCTFail("\(failure)")
        continue
      }
    }
    directory.failure = nil
    try database.execute("DROP FUNCTION cognito.find_user")
    XCTAssertEqual(try follow(change(), on: database).report.failureClass, .schema)
  }
}
