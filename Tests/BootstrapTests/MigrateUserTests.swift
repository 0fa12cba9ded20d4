import CognitoTriggers
import Foundation
import JSON
import LocalLambda
import TestSupport
import XCTest

/// Users who were there before Cognito, as Cognito asks for them: with a password, and with one that was forgotten.
final class MigrateUserTests: XCTestCase {
  private static let signIn = "UserMigration_Authentication"
  private static let forgotPassword = "UserMigration_ForgotPassword"

  /// As Cognito sends it, with nulls for all that may be answered.
  private func event(_ source: String, _ name: String, password: String? = nil) -> [UInt8] {
    let request = password.map { #"{"password":\#($0.jsonText),"validationData":null}"# } ?? "{}"
    let response =
      #"{"userAttributes":null,"forceAliasCreation":null,"enableSMSMFA":null,"finalUserStatus":null,"messageAction":null,"desiredDeliveryMediums":null}"#
    return Array(
      #"{"version":"1","region":"eu-central-1","userPoolId":"eu-central-1_ExaMPLe01","userName":\#(name.jsonText),"callerContext":{"awsSdkVersion":"x","clientId":"7exampleclientid"},"triggerSource":"\#(source)","request":\#(request),"response":\#(response)}"#
        .utf8)
  }

  /// The table of a team, and its function.
  private func database(_ users: [LegacyUser] = []) throws -> TestDatabase {
    let database = try TestDatabase()
    try database.execute(
      """
      CREATE SCHEMA app;
      CREATE TABLE app.accounts (
        legacy_id text, username text, email text, is_verified boolean, password_hash text);
      CREATE OR REPLACE FUNCTION cognito.legacy_user(
        user_pool_id text, username text,
        OUT password_hash text, OUT attributes jsonb, OUT new_username text)
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
      AS $$ SELECT a.password_hash, jsonb_build_object(
          'email', a.email, 'email_verified', a.is_verified, 'custom:legacy_id', a.legacy_id,
          'sub', 'no', 'cognito:user_status', 'no', 'identities', '[]', 'nested', '{}'::jsonb),
          a.username
        FROM app.accounts AS a WHERE a.email = lower(legacy_user.username) $$
      """)
    for user in users {
      _ = try database.query(
        "INSERT INTO app.accounts VALUES ($1, $2, $3, true, $4)",
        [user.legacyID, user.username, user.email, user.passwordHash])
    }
    return database
  }

  private func add(
    _ email: String, _ hash: String, to database: TestDatabase, isVerified: Bool = true
  ) throws {
    _ = try database.query(
      "INSERT INTO app.accounts VALUES ('1', 'u', $1, $2::boolean, $3)",
      [email, "\(isVerified)", hash])
  }

  private func function(
    _ database: TestDatabase, url: String? = nil, _ settings: [String: String] = [:]
  ) throws -> FunctionUnderTest {
    try FunctionUnderTest(
      environment: [
        "DATABASE_URL": url ?? database.handlerURL, "MIGRATE_USERS": "on",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769", "LOG_LEVEL": "TRACE",
      ].merging(settings) { $1 }, keeping: database)
  }

  private func assertUnchanged(
    _ event: [UInt8], by function: FunctionUnderTest, because reason: String?,
    outcome: String = "unmatched", file: StaticString = #filePath, line: UInt = #line
  ) throws {
    XCTAssertTrue(try function.invoke(event).echoes(event), file: file, line: line)
    let report = try XCTUnwrap(function.reports().last, file: file, line: line)
    XCTAssertEqual(report["outcome"] as? String, outcome, file: file, line: line)
    XCTAssertEqual(report["reason"] as? String, reason, file: file, line: line)
  }

  /// The event with this response, and nothing else changed.
  private func assertMigrated(
    _ event: [UInt8], by function: FunctionUnderTest, attributes: [String: String],
    status: String?, file: StaticString = #filePath, line: UInt = #line
  ) throws {
    guard case .response(let bytes) = try function.invoke(event).kind else {
      return XCTFail("no answer", file: file, line: line)
    }
    let report = try XCTUnwrap(function.reports().last, file: file, line: line)
    XCTAssertEqual(report["outcome"] as? String, "migrated", "\(report)", file: file, line: line)
    let answered = try XCTUnwrap(
      JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any], file: file, line: line)
    var sent = try XCTUnwrap(JSONSerialization.jsonObject(with: Data(event)) as? [String: Any])
    let response: [String: Any] = [
      "userAttributes": attributes, "forceAliasCreation": false, "messageAction": "SUPPRESS",
      "finalUserStatus": status as Any? ?? NSNull(), "enableSMSMFA": NSNull(),
      "desiredDeliveryMediums": NSNull(),
    ]
    sent["response"] = response
    XCTAssertEqual(answered as NSDictionary, sent as NSDictionary, file: file, line: line)
    let prefix = event.prefix { _ in true }.firstRange(of: Array(#""response":"#.utf8))?.lowerBound
    XCTAssertEqual(bytes.prefix(prefix ?? 0), event.prefix(prefix ?? 0), file: file, line: line)
  }

  func testUsersOfSixFrameworksComeWithTheirPasswordsAndWithNoOthers() throws {
    let users = try LegacyUser.all
    XCTAssertEqual(Set(users.map(\.framework)).count, 6)
    let function = try function(database(users), ["METRICS": "emf"])
    for user in users {
      try assertUnchanged(
        event(Self.signIn, user.email, password: user.password + "x"), by: function,
        because: "wrong password")
      // As it was typed.
      try assertMigrated(
        event(Self.signIn, user.email.uppercased(), password: user.password), by: function,
        attributes: [
          "email": user.email, "email_verified": "true", "custom:legacy_id": user.legacyID,
          "username": user.username,
        ], status: "CONFIRMED")
      try assertMigrated(
        event(Self.forgotPassword, user.email), by: function,
        attributes: [
          "email": user.email, "email_verified": "true", "custom:legacy_id": user.legacyID,
          "username": user.username,
        ], status: nil)
    }
    try assertUnchanged(
      event(Self.signIn, "nobody@example.com", password: "p"), by: function,
      because: "unknown user")
    try assertUnchanged(
      event(Self.forgotPassword, "nobody@example.com"), by: function, because: "unknown user")
    let log = function.logText
    for user in users {
      XCTAssertEqual(try log.givesAway(user.secrets), [])
    }
    XCTAssertTrue(log.contains(#""Migrated":1"#) && log.contains(#""Unmatched":1"#))
    XCTAssertFalse(log.contains(#""Failed":1"#), "a wrong password is no failure")
  }

  func testNothingIsAskedUnlessItIsOn() throws {
    let database = try database()
    let relay = try TCPRelay(to: database.serverPort)
    let url = database.url(
      user: database.handlerLogin, password: database.handlerPassword, port: relay.port)
    let function = try function(database, url: url, ["MIGRATE_USERS": "off"])
    _ = try function.invoke(TestEvent())
    let requests = relay.requestCount
    for event in [event(Self.signIn, "a", password: "p"), event(Self.forgotPassword, "a")] {
      try assertUnchanged(event, by: function, because: nil, outcome: "passed")
    }
    XCTAssertEqual(relay.requestCount, requests)
  }

  func testEachUserIsOneRoundTrip() throws {
    let users = try LegacyUser.all.filter { $0.framework == "wordpress" }
    let database = try database(users)
    let relay = try TCPRelay(to: database.serverPort)
    let url = database.url(
      user: database.handlerLogin, password: database.handlerPassword, port: relay.port)
    let function = try function(database, url: url)
    _ = try function.invoke(TestEvent())
    let requests = relay.requestCount
    let user = try XCTUnwrap(users.first)
    _ = try function.invoke(event(Self.signIn, user.email, password: user.password))
    _ = try function.invoke(event(Self.signIn, "nobody@example.com", password: user.password))
    _ = try function.invoke(event(Self.forgotPassword, user.email))
    XCTAssertEqual(relay.requestCount, requests + 3)
  }

  func testAfterFiveAttemptsEvenTheRightPasswordIsNoneWhoeverItIs() throws {
    let user = try XCTUnwrap(LegacyUser.all.first { $0.framework == "wordpress" })
    let function = try function(database([user]))
    for name in [user.email, "nobody@example.com"] {
      for _ in 1...5 {
        try assertUnchanged(
          event(Self.signIn, name, password: "p"), by: function,
          because: name == user.email ? "wrong password" : "unknown user")
      }
      for _ in 1...2 {
        try assertUnchanged(
          event(Self.signIn, name, password: user.password), by: function,
          because: "too many attempts")
      }
    }
  }

  func testWhenTheDatabaseIsDownOrTheFunctionFailsTheEventIsUnchanged() throws {
    let database = try database()
    let nowhere = "postgresql://127.0.0.1:\(try TCPRelay.unusedPort())/app"
    let function = try function(database, url: nowhere, ["SYNC_BUDGET_MS": "500"])
    let events = [event(Self.signIn, "a", password: "p"), event(Self.forgotPassword, "a")]
    for event in events {
      try assertUnchanged(event, by: function, because: nil, outcome: "failed")
    }
    try database.execute("DROP TABLE app.accounts")
    let broken = try self.function(database)
    for event in events {
      try assertUnchanged(event, by: broken, because: nil, outcome: "failed")
    }
  }

  func testHashesThatCannotBeVerifiedSaySoWithoutTheUser() throws {
    let database = try database()
    let digest = "000102030405060708090a0b0c0d0e0f"
    let cases: [(name: String, hash: String, problem: String)] = [
      ("odd@example.com", "canary", "of no format that is known"),
      ("cut@example.com", "$2b$12$canary", "not whole"),
      ("plain@example.com", digest, "unsalted MD5"),
      ("md5@example.com", "md5$canary$\(digest)", "MIGRATE_WEAK_HASHES"),
      ("big@example.com", "scrypt:16777216:8:1$canary$\(digest)", "more than half of the 1769 MB"),
      ("slow@example.com", "pbkdf2:sha256:100000000$canary$\(digest)", "SYNC_BUDGET_MS"),
    ]
    for row in cases { try add(row.name, row.hash, to: database) }
    try add("locked@example.com", "!", to: database)
    let function = try function(database)
    for row in cases {
      try assertUnchanged(
        event(Self.signIn, row.name, password: "canary"), by: function,
        because: "hash not verified")
      let report = try XCTUnwrap(function.reports().last)
      let problem = try XCTUnwrap(report["problem"] as? String)
      XCTAssertTrue(problem.contains(row.problem), problem)
      XCTAssertEqual(report["level"] as? String, "WARN")
    }
    try assertUnchanged(
      event(Self.signIn, "locked@example.com", password: "!"), by: function,
      because: "unknown user")
    XCTAssertFalse(function.logText.contains("canary"))
    XCTAssertFalse(function.logText.contains("example.com"))
  }

  func testWeakHashesAreVerifiedWhereThatIsAskedFor() throws {
    let database = try database()
    // Of "salt" and "p".
    try add("md5@example.com", "md5$salt$19f19e9c31853dfc8f9f193509e013b6", to: database)
    let function = try function(database, ["MIGRATE_WEAK_HASHES": "on"])
    try assertUnchanged(
      event(Self.signIn, "md5@example.com", password: "q"), by: function,
      because: "wrong password")
    XCTAssertFalse(
      try function.invoke(event(Self.signIn, "md5@example.com", password: "p"))
        .echoes(event(Self.signIn, "md5@example.com", password: "p")))
    XCTAssertEqual(try function.lastOutcome(), "migrated")
  }

  /// Neither in the event, nor in the answer, nor in what was computed of it. The one place is libcurl's, which puts an
  /// answer behind the headers of its request, and frees that.
  func testNothingOfThePasswordIsLeftInTheProcess() throws {
    let database = try database()
    let user = try XCTUnwrap(LegacyUser.all.first { $0.framework == "laravel" })
    try add(user.email, user.passwordHash, to: database)
    let function = try function(database)
    let passwords = [user.password, "canary-of-a-wrong-password"]
    for password in passwords + ["\(passwords[1])\\\"ä"] {
      _ = try function.invoke(event(Self.signIn, user.email, password: password))
    }
    let reports = try function.reports()
    XCTAssertEqual(reports.first?["outcome"] as? String, "migrated")
    XCTAssertEqual(reports.last?["reason"] as? String, "wrong password")
    for _ in 1...3 {
      _ = try function.invoke(
        TestEvent(attributes: ["name": String(repeating: "n", count: 40_000)]))
    }
    for password in passwords {
      let left = try function.places(of: Array(password.utf8))
        .filter { $0.range(of: Data("/response HTTP/1.1".utf8)) == nil }
      XCTAssertEqual(left.count, 0)
    }
    XCTAssertFalse(
      try function.places(of: Array("pooltable/0.1.0".utf8)).isEmpty, "what is there is found")
  }

  func testWhatCognitoWouldRefuseIsNamedInTheLogAndItsValueIsNot() throws {
    let database = try database()
    // The attributes are what was typed; the hash is of "salt" and "p".
    try database.execute(
      """
      CREATE OR REPLACE FUNCTION cognito.legacy_user(
        user_pool_id text, username text,
        OUT password_hash text, OUT attributes jsonb, OUT new_username text)
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
      AS $$ SELECT 'md5$salt$19f19e9c31853dfc8f9f193509e013b6', legacy_user.username::jsonb, 'u' $$
      """)
    let function = try function(
      database, ["MIGRATE_WEAK_HASHES": "on", "MIGRATE_ATTEMPTS": "100/1m"])
    let rows: [(attributes: String, leftOut: String?)] = [
      (#"{"name":"A"}"#, nil),
      (#"{"name":"A","nickname":null,"picture":"","email_verified":false}"#, nil),
      (
        #"{"name":"A","first_name":"canary","email":"canary","email_verified":true,"birthdate":"canary"}"#,
        "birthdate, email, first_name"
      ),
      (
        #"{"name":"A","canary@example.com":"","canary@example.org":1,"canary b":2,"zoneinfo":["canary"]}"#,
        "(a name that is not shown), zoneinfo"
      ),
    ]
    func assertTold(_ leftOut: String?, _ attributes: String) throws {
      let report = try XCTUnwrap(function.reports().last)
      XCTAssertEqual(report["level"] as? String, leftOut == nil ? "INFO" : "WARN", attributes)
      XCTAssertEqual(
        report["problem"] as? String,
        leftOut.map {
          "cognito.legacy_user gave what Cognito would refuse the user for, so that it is left out: \($0)"
        }, attributes)
    }
    for row in rows {
      try assertMigrated(
        event(Self.signIn, row.attributes, password: "p"), by: function,
        attributes: ["name": "A", "username": "u"], status: "CONFIRMED")
      try assertTold(row.leftOut, row.attributes)
    }
    let address = #"{"name":"A","email":"canary","email_verified":true}"#
    try assertUnchanged(
      event(Self.forgotPassword, address), by: function, because: "no verified address")
    try assertTold("email", address)
    XCTAssertFalse(function.logText.contains("canary"))
  }

  func testACodeIsSentToAVerifiedAddressOnly() throws {
    let database = try database()
    let user = try XCTUnwrap(LegacyUser.all.first { $0.framework == "wordpress" })
    let cases: [(name: String, hash: String, isVerified: Bool, reason: String?)] = [
      ("ada@example.com", user.passwordHash, true, nil),
      ("odd@example.com", "cannot be verified", true, nil),
      ("bob@example.com", user.passwordHash, false, "no verified address"),
      // Who is locked is brought along by no way: Django's and Unix' marks, and nothing.
      ("cas@example.com", "!", true, "unknown user"),
      ("dan@example.com", "!\(user.passwordHash)", true, "unknown user"),
      ("eli@example.com", "*", true, "unknown user"),
      ("fay@example.com", "", true, "unknown user"),
    ]
    for row in cases { try add(row.name, row.hash, to: database, isVerified: row.isVerified) }
    let function = try function(database)
    for row in cases {
      let event = event(Self.forgotPassword, row.name)
      guard let reason = row.reason else {
        XCTAssertFalse(try function.invoke(event).echoes(event), row.name)
        XCTAssertEqual(try function.lastOutcome(), "migrated", row.name)
        continue
      }
      try assertUnchanged(event, by: function, because: reason)
    }
  }

  func testDevisesPepperIsNeededAndStaysSecret() throws {
    let database = try database()
    let (pepper, password) = ("canary-of-a-pepper", "canary-of-a-password")
    // As devise does: BCrypt::Password.create(password + pepper).
    let made = try CommandRun.run(
      URL(fileURLWithPath: "/usr/bin/ruby"),
      [
        "-r", "bcrypt", "-e", "print BCrypt::Password.create(ARGV.join, cost: 4)", password, pepper,
      ])
    XCTAssertEqual(made.exitCode, 0, made.errors)
    try add("ada@example.com", made.output, to: database)
    let event = event(Self.signIn, "ada@example.com", password: password)
    try assertUnchanged(event, by: function(database), because: "wrong password")
    let function = try function(database, ["MIGRATE_PEPPER": pepper])
    XCTAssertFalse(try function.invoke(event).echoes(event))
    XCTAssertEqual(try function.lastOutcome(), "migrated")
    try assertUnchanged(
      self.event(Self.signIn, "ada@example.com", password: password + pepper), by: function,
      because: "wrong password")
    XCTAssertEqual(try function.logText.givesAway([pepper, password, made.output]), [])
  }

  func testAnEventWithoutAPasswordOrANameIsUnchanged() throws {
    let function = try function(database())
    try assertUnchanged(event(Self.signIn, "a"), by: function, because: "no password")
    try assertUnchanged(event(Self.signIn, "a", password: ""), by: function, because: "no password")
    try assertUnchanged(
      event(Self.signIn, "", password: "p"), by: function, because: "the event names no user")
  }
}
