import CognitoTriggers
import Foundation
import JSON
import LocalLambda
import TestSupport
import XCTest

/// Who may sign up, as Cognito asks it: the lists, the database, and what neither can say.
final class SignUpTests: XCTestCase {
  private static let signUp = "PreSignUp_SignUp"
  private static let federated = "PreSignUp_ExternalProvider"
  private static let byAdministrator = "PreSignUp_AdminCreateUser"
  private static let sources = [signUp, federated, byAdministrator]
  private static let refusal = "You cannot sign up here with this account"

  private func fixture(_ name: String) throws -> [UInt8] {
    Array(
      try Data(
        contentsOf: TestEnvironment.fixtures.appendingPathComponent("events/sources/\(name).json")))
  }

  private func event(_ name: String, replacing part: String, with other: String) throws -> [UInt8] {
    let text = String(decoding: try fixture(name), as: UTF8.self)
    XCTAssertTrue(text.contains(part))
    return Array(text.replacingOccurrences(of: part, with: other).utf8)
  }

  private func function(
    _ database: TestDatabase, url: String? = nil, _ settings: [String: String]
  ) throws -> FunctionUnderTest {
    try FunctionUnderTest(
      environment: ["DATABASE_URL": url ?? database.handlerURL].merging(settings) { $1 },
      keeping: database)
  }

  private func url(_ database: TestDatabase, through relay: TCPRelay) -> String {
    database.urlForHandler(port: relay.port)
  }

  private static func failure(_ type: String, _ message: String) -> Answer.Kind {
    .error(
      type: type,
      body: Array(
        #"{"errorMessage":"\#(message)","errorType":"\#(type)","stackTrace":[]}"#.utf8))
  }

  private static let undecided = failure(
    "Function.SignUpUndecided", "The sign-up could not be completed, please try again in a moment")

  /// Replaces the function by one that answers this.
  private func answer(
    _ values: String, before statement: String = "", _ database: TestDatabase
  ) throws {
    try database.execute(
      """
      CREATE OR REPLACE FUNCTION cognito.decide_sign_up(
        user_pool_id text, trigger_source text, client_id text, username text, email text, phone_number text,
        attributes jsonb, validation_data jsonb, client_metadata jsonb,
        OUT allowed boolean, OUT confirm boolean, OUT reason text)
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
      AS $$ BEGIN \(statement) SELECT \(values) INTO allowed, confirm, reason; END $$
      """)
  }

  private func assertDeclined(
    _ event: [UInt8], by function: FunctionUnderTest, because reason: String?,
    message: String = SignUpTests.refusal, file: StaticString = #filePath, line: UInt = #line
  ) throws {
    let answer = try function.invoke(event)
    XCTAssertEqual(
      answer.kind, Self.failure("Function.SignUpRefused", message), file: file, line: line)
    let report = try XCTUnwrap(function.reports().last, file: file, line: line)
    XCTAssertEqual(report["outcome"] as? String, "declined", file: file, line: line)
    XCTAssertEqual(report["reason"] as? String, reason, file: file, line: line)
    XCTAssertEqual(report["level"] as? String, "INFO", file: file, line: line)
    XCTAssertNil(report["problem"], file: file, line: line)
  }

  private func assertAdmitted(
    _ event: [UInt8], by function: FunctionUnderTest, because reason: String? = nil,
    file: StaticString = #filePath, line: UInt = #line
  ) throws {
    XCTAssertTrue(try function.invoke(event).echoes(event), file: file, line: line)
    let report = try XCTUnwrap(function.reports().last, file: file, line: line)
    XCTAssertEqual(report["outcome"] as? String, "admitted", file: file, line: line)
    XCTAssertEqual(report["reason"] as? String, reason, file: file, line: line)
  }

  func testWithoutAPolicyNothingIsAsked() throws {
    let database = try TestDatabase()
    try answer("false, false, 'no'", database)
    let relay = try TCPRelay(to: database.serverPort)
    let function = try function(
      database, url: url(database, through: relay), ["SIGN_UP_ADMIN_CREATED": "apply"])
    _ = try function.invoke(TestEvent())
    let requests = relay.requestCount
    for source in Self.sources {
      let event = try fixture(source)
      XCTAssertTrue(try function.invoke(event).echoes(event), source)
      XCTAssertEqual(try function.lastOutcome(), "passed")
    }
    XCTAssertEqual(relay.requestCount, requests)
  }

  func testTheListsDecideWithoutTheDatabase() throws {
    let database = try TestDatabase()
    let nowhere = "postgresql://127.0.0.1:\(try TCPRelay.unusedPort())/app"
    // Ada is at example.com, Chiara at example.net, and the administrator's Boris at example.org.
    let function = try function(
      database, url: nowhere,
      [
        "SIGN_UP_ALLOWED_EMAIL_DOMAINS": "example.com",
        "SIGN_UP_REFUSED_MESSAGE": "Nur für Mitarbeiter",
        "METRICS": "emf",
      ])
    try assertAdmitted(fixture(Self.signUp), by: function)
    try assertDeclined(
      fixture(Self.federated), by: function, because: "domain not allowed",
      message: "Nur für Mitarbeiter")
    try assertDeclined(
      event(Self.signUp, replacing: #""email":"#, with: #""e-mail":"#), by: function,
      because: "no address", message: "Nur für Mitarbeiter")
    // One that the table would not take is an address all the same.
    let long = String(repeating: "ä", count: 1500)
    try assertDeclined(
      event(Self.signUp, replacing: "ada.berg@example.com", with: "\(long)@example.net"),
      by: function,
      because: "domain not allowed", message: "Nur für Mitarbeiter")
    let event = try fixture(Self.byAdministrator)
    XCTAssertTrue(try function.invoke(event).echoes(event))
    XCTAssertEqual(try function.lastOutcome(), "passed")
    let log = function.logText
    XCTAssertTrue(log.contains(#""Declined":1"#), log)
    XCTAssertTrue(log.contains(#""Admitted":1"#), log)
    XCTAssertFalse(log.contains(#""Failed":1"#), "a refusal is no failure")
    XCTAssertFalse(log.contains("FailureClass"), "a refusal is no failure")

    let strict = try self.function(
      database, url: nowhere,
      ["SIGN_UP_BLOCKED_EMAIL_DOMAINS": "example.org", "SIGN_UP_ADMIN_CREATED": "apply"])
    try assertDeclined(event, by: strict, because: "domain blocked")
    try assertAdmitted(fixture(Self.federated), by: strict)
  }

  func testWhomTheListsRefuseTheDatabaseIsNotAskedAbout() throws {
    let database = try TestDatabase()
    try answer("true, false, 'all'", database)
    let relay = try TCPRelay(to: database.serverPort)
    let function = try function(
      database, url: url(database, through: relay),
      ["SIGN_UP_ALLOWED_EMAIL_DOMAINS": "example.com", "SIGN_UP_POLICY": "database"])
    try assertAdmitted(fixture(Self.signUp), by: function, because: "all")
    let requests = relay.requestCount
    try assertDeclined(fixture(Self.federated), by: function, because: "domain not allowed")
    XCTAssertEqual(relay.requestCount, requests)
  }

  func testWhoIsInvitedSignsUpAndHasTheRolesAndNobodyElseDoes() throws {
    let database = try TestDatabase()
    try database.execute(
      """
      INSERT INTO cognito.roles (name) VALUES ('admin');
      SELECT cognito.invite('Ada.Berg@example.com', '{admin}')
      """)
    let function = try function(database, ["SIGN_UP_POLICY": "database"])
    try assertDeclined(fixture(Self.federated), by: function, because: "not invited")
    let event = try fixture(Self.signUp)
    // Not confirmed, and so tried again.
    for _ in 1...2 { try assertAdmitted(event, by: function, because: "invited") }
    _ = try function.invoke(
      TestEvent("PostConfirmation_ConfirmSignUp", email: "ada.berg@example.com"))
    XCTAssertEqual(try function.lastOutcome(), "inserted")
    XCTAssertEqual(
      try database.query("SELECT group_name FROM cognito.memberships"), [["admin"]])
    try assertDeclined(event, by: function, because: "not invited")
    XCTAssertEqual(
      try function.logText.lowercased().givesAway(["ada.berg", "chiara.conti"]), [])
  }

  func testTheFunctionIsToldWhatTheEventShows() throws {
    let database = try TestDatabase()
    try database.execute("CREATE TABLE asked (arguments jsonb); GRANT ALL ON asked TO PUBLIC")
    try answer(
      "true, NULL, NULL",
      before: """
        INSERT INTO public.asked SELECT jsonb_build_array(user_pool_id, trigger_source, client_id, username, email,
          phone_number, attributes, validation_data, client_metadata);
        """, database)
    let function = try function(
      database, ["SIGN_UP_POLICY": "database", "SIGN_UP_ADMIN_CREATED": "apply"])
    let told = try event(
      Self.signUp, replacing: #""validationData":null"#,
      with: #""validationData":{"code":"1\u0000"},"clientMetadata":{"from":"web"}"#)
    try assertAdmitted(told, by: function)
    try assertAdmitted(fixture(Self.byAdministrator), by: function)
    let rows = try database.query("SELECT arguments FROM asked").compactMap { $0[0] }
    let arguments = try rows.map { try JSONValue(parsing: Array($0.utf8)) }
    XCTAssertEqual(
      arguments,
      [
        .array([
          .string("eu-central-1_ExaMPLe01"), .string(Self.signUp),
          .string("7exampleclientid0invented1"), .string("649ad683-648a-4b8d-ab6a-0f26b5f08742"),
          .string("ada.berg@example.com"), .null,
          .object(["name": .string("Ada Berg"), "email": .string("ada.berg@example.com")]),
          .object(["code": .string("1\u{FFFD}")]), .object(["from": .string("web")]),
        ]),
        .array([
          .string("eu-central-1_ExaMPLe01"), .string(Self.byAdministrator), .null,
          .string("boris.anders"), .string("boris.anders@example.org"), .string("+15550101002"),
          .object([
            "email": .string("boris.anders@example.org"), "email_verified": .string("true"),
            "phone_number": .string("+15550101002"), "phone_number_verified": .string("true"),
          ]), .null, .null,
        ]),
      ])
  }

  func testWhoIsConfirmedAtOnceIsSoInTheAnswerAndNothingElseChanges() throws {
    let database = try TestDatabase()
    try answer("true, true, 'a voucher'", database)
    let function = try function(
      database, ["SIGN_UP_POLICY": "database", "SIGN_UP_ADMIN_CREATED": "apply"])
    for source in [Self.signUp, Self.federated] {
      let answered = try event(
        source, replacing: #""autoConfirmUser":false"#, with: #""autoConfirmUser":true"#)
      XCTAssertEqual(try function.invoke(fixture(source)).kind, .response(answered), source)
      XCTAssertEqual(try function.lastOutcome(), "admitted")
      XCTAssertEqual(try function.reports().last?["reason"] as? String, "a voucher")
    }
    // Cognito does not read that answer.
    try assertAdmitted(fixture(Self.byAdministrator), by: function, because: "a voucher")
    let odd = try event(Self.signUp, replacing: #""response":{"#, with: #""response":1,"x":{"#)
    XCTAssertEqual(
      try function.invoke(odd).kind,
      Self.undecided)
    XCTAssertEqual(try function.lastOutcome(), "failed")
  }

  func testWhatIsNotYesIsNo() throws {
    let database = try TestDatabase()
    let function = try function(database, ["SIGN_UP_POLICY": "database"])
    for allowed in ["NULL", "false"] {
      for confirm in ["NULL", "true"] {
        try answer("\(allowed)::boolean, \(confirm)::boolean, NULL", database)
        for source in [Self.signUp, Self.federated] {
          try assertDeclined(fixture(source), by: function, because: nil)
        }
      }
    }
    let event = try fixture(Self.byAdministrator)
    XCTAssertTrue(try function.invoke(event).echoes(event), "exempt")
    XCTAssertEqual(try function.lastOutcome(), "passed")
  }

  func testAReasonThatMayHoldMoreThanAReasonIsNotLogged() throws {
    let database = try TestDatabase()
    let function = try function(database, ["SIGN_UP_POLICY": "database"])
    for reason in [
      "canary ada@example.com", "canary ä", "canary\nline",
      "canary " + String(repeating: "a", count: 58),
    ] {
      try answer("false, false, '\(reason)'", database)
      try assertDeclined(
        fixture(Self.signUp), by: function, because: "(a reason that is not shown)")
    }
    XCTAssertFalse(function.logText.contains("canary"))
  }

  func testADecisionIsOneRoundTripAndWritesNothing() throws {
    let database = try TestDatabase()
    try database.execute("SELECT cognito.invite('ada.berg@example.com')")
    let relay = try TCPRelay(to: database.serverPort)
    let function = try function(
      database, url: url(database, through: relay), ["SIGN_UP_POLICY": "database"])
    let (invited, other) = (try fixture(Self.signUp), try fixture(Self.federated))
    _ = try function.invoke(invited)
    let state = "SELECT pg_current_wal_insert_lsn(), pg_snapshot_xmax(pg_current_snapshot())"
    let (before, requests) = (try database.query(state), relay.requestCount)
    for _ in 1...20 {
      XCTAssertTrue(try function.invoke(invited).echoes(invited))
      XCTAssertFalse(try function.invoke(other).echoes(other))
    }
    XCTAssertEqual(relay.requestCount - requests, 40)
    XCTAssertEqual(relay.acceptedCount, 1)
    XCTAssertEqual(try database.query(state), before)
  }

  func testAPolicyThatCannotBeAskedIsNoUnlessItIsSaidOtherwise() throws {
    let database = try TestDatabase()
    try answer("true, true, 'never seen'", before: "PERFORM pg_sleep(60);", database)
    let silent = try TCPRelay(to: database.serverPort)
    silent.set(.swallow)
    let empty = try TestDatabase(migrated: false)
    let cases: [(url: String, failureClass: String)] = [
      ("postgresql://127.0.0.1:\(try TCPRelay.unusedPort())/app", "Connection"),
      (url(database, through: silent), "Timeout"), (database.handlerURL, "Timeout"),
      (empty.ownerURL, "Schema"),
    ]
    for policy in ["fail", "continue", nil] {
      for (url, failureClass) in cases {
        let function = try function(
          database, url: url,
          [
            "SIGN_UP_POLICY": "database", "SIGN_UP_ON_FAILURE": policy ?? "", "METRICS": "emf",
            "SYNC_BUDGET_MS": "1000",
          ])
        let event = try fixture(Self.signUp)
        let answer = try function.invoke(event)
        XCTAssertEqual(
          answer.kind,
          policy == "continue"
            ? .response(event)
            : Self.undecided)
        XCTAssertLessThan(answer.elapsed, .seconds(3), "not the usual budget's 4 seconds")
        let log = function.logText
        XCTAssertTrue(log.contains(#""FailureClass":"\#(failureClass)""#), log)
        XCTAssertTrue(log.contains(#""Failed":1"#), log)
      }
    }
  }

  func testWhomTheListsRefuseNoFailureLetsIn() throws {
    let database = try TestDatabase()
    let function = try function(
      database, url: "postgresql://127.0.0.1:\(try TCPRelay.unusedPort())/app",
      [
        "SIGN_UP_POLICY": "database", "SIGN_UP_ON_FAILURE": "continue",
        "SIGN_UP_BLOCKED_EMAIL_DOMAINS": "example.net", "SYNC_BUDGET_MS": "500",
      ])
    try assertDeclined(fixture(Self.federated), by: function, because: "domain blocked")
    let event = try fixture(Self.signUp)
    XCTAssertTrue(try function.invoke(event).echoes(event))
    XCTAssertEqual(try function.lastOutcome(), "failed")
  }

  func testSpoiledSignUpEventsAreConfirmedInWholeOrRefused() throws {
    let database = try TestDatabase()
    try answer("true, true, NULL", database)
    let function = try function(
      database, ["SIGN_UP_POLICY": "database", "SIGN_UP_ADMIN_CREATED": "apply"])
    var confirmed = 0
    for event in try HostileEvents(seed: 13).prefix(6000) where event.label.contains("PreSignUp") {
      let answer = try function.invoke(event.bytes)
      let report = try XCTUnwrap(try function.takeReport(), event.label)
      switch (answer.kind, try? TriggerEvent(event.bytes)) {
      case (.error, nil): break
      case (.error("Function.SignUpUndecided", _), _?):
        XCTAssertEqual(report["outcome"] as? String, "failed", event.label)
      case (.response(let bytes), let decoded?):
        if bytes == event.bytes {
          // Of an administrator, or of no source that is known.
          let isConfirmed =
            decoded.source == .preSignUp || decoded.source == .preSignUpExternalProvider
          XCTAssertFalse(isConfirmed && report["outcome"] as? String == "passed", event.label)
        } else {
          XCTAssertEqual(report["outcome"] as? String, "admitted", event.label)
          XCTAssertEqual(try TriggerEvent(bytes), decoded, event.label)
          let response = try JSONValue(parsing: bytes, allowsByteOrderMark: true).object?[
            "response"]
          XCTAssertEqual(response?.object?["autoConfirmUser"], .boolean(true), event.label)
          confirmed += 1
        }
      default: XCTFail("\(event.label): \(answer.kind)")
      }
    }
    XCTAssertGreaterThan(confirmed, 20)
  }

  func testAWrongListStopsTheStart() throws {
    for (name, value) in [
      ("SIGN_UP_ALLOWED_EMAIL_DOMAINS", "example.com, exam ple.com"),
      ("SIGN_UP_REFUSED_MESSAGE", "two\nlines"),
    ] {
      XCTAssertThrowsError(
        try FunctionUnderTest(environment: [
          "DATABASE_URL": "postgresql://127.0.0.1/app", name: value,
        ]).invoke(TestEvent())
      ) { error in
        guard case .initializationError(let body)? = error as? LocalRuntimeError else {
          return XCTFail("\(error)")
        }
        XCTAssertTrue(String(decoding: body, as: UTF8.self).contains("\(name) must be"))
      }
    }
  }
}
