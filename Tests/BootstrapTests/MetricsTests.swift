import Foundation
import LocalLambda
import TestSupport
import XCTest

/// `METRICS=emf`: one line for each invocation that CloudWatch turns into metrics.
final class MetricsTests: XCTestCase {
  private static let outcomes: Set<String> = [
    "Inserted", "Updated", "Unchanged", "Stale", "Overridden", "Passed", "Refused", "Failed",
  ]

  /// The lines of metrics among what the function has logged so far, after checking their form.
  private func metrics(of function: FunctionUnderTest) throws -> [[String: Any]] {
    function.process.readLog()
    let lines = function.process.log.split(separator: UInt8(ascii: "\n"))
      .filter { $0.starts(with: "{\"_aws\"".utf8) }
    return try lines.map { line in
      XCTAssertEqual(EmbeddedMetricsRules.violations(in: line + [UInt8(ascii: "\n")]), [])
      return try XCTUnwrap(JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
    }
  }

  private func directives(_ line: [String: Any]) throws -> [[String: Any]] {
    let metadata = try XCTUnwrap(line["_aws"] as? [String: Any])
    return try XCTUnwrap(metadata["CloudWatchMetrics"] as? [[String: Any]])
  }

  private func assert(_ line: [String: Any], counts outcome: String, source: String) throws {
    for name in Self.outcomes {
      XCTAssertEqual(line[name] as? Int, name == outcome ? 1 : 0, "\(name) for \(outcome)")
    }
    XCTAssertEqual(line["TriggerSource"] as? String, source)
    XCTAssertEqual(line["FunctionName"] as? String, "sync-users")
    XCTAssertGreaterThan(try XCTUnwrap(line["TotalTime"] as? Double), 0)
    XCTAssertEqual(
      try directives(line).first?["Dimensions"] as? [[String]],
      [["FunctionName"], ["FunctionName", "TriggerSource"]])
  }

  func testEveryOutcomeIsCountedInEveryFormatAndAtEveryLevel() throws {
    for (format, level) in [
      ("JSON", "INFO"), ("Text", "INFO"), ("JSON", "FATAL"), ("Text", "FATAL"),
    ] {
      let database = try TestDatabase()
      let function = try FunctionUnderTest(environment: [
        "DATABASE_URL": database.handlerURL, "METRICS": "emf", "AWS_LAMBDA_LOG_FORMAT": format,
        "LOG_LEVEL": level, "AWS_LAMBDA_FUNCTION_NAME": "sync-users",
      ])
      let source = "PostAuthentication_Authentication"
      var event = TestEvent(source)
      _ = try function.invoke(event)
      _ = try function.invoke(event)
      event.attributes["name"] = "Ada"
      _ = try function.invoke(event)
      try database.execute("UPDATE cognito.users SET observed_at = now() + interval '1 min'")
      event.attributes["name"] = "Lovelace"
      _ = try function.invoke(event)
      _ = try function.invoke(TestEvent("PreSignUp_SignUp"))
      _ = try function.invoke(TestEvent("Invented_ByACaller"))
      _ = try function.invoke(Array("no event".utf8))
      let lines = try metrics(of: function)
      let expected = [
        ("Inserted", source), ("Unchanged", source), ("Updated", source), ("Stale", source),
        ("Passed", "PreSignUp_SignUp"), ("Passed", "Unknown"), ("Refused", "None"),
      ]
      XCTAssertEqual(lines.count, expected.count)
      for (line, (outcome, source)) in zip(lines, expected) {
        try assert(line, counts: outcome, source: source)
        XCTAssertEqual(line["QueryTime"] == nil, ["Passed", "Refused"].contains(outcome), outcome)
        XCTAssertNil(line["FailureClass"])
      }
    }
  }

  func testFailuresAreCountedByClass() throws {
    let database = try TestDatabase()
    let empty = try TestDatabase(migrated: false)
    let revoked = try TestDatabase()
    try revoked.execute(
      "REVOKE EXECUTE ON FUNCTION cognito.sync_user FROM \(revoked.handlerLogin)")
    let urls: [(String, String)] = [
      ("postgresql://127.0.0.1:\(try TCPRelay.unusedPort())/app", "Connection"),
      (database.url(user: database.handlerLogin, password: "wrong"), "Authentication"),
      (empty.ownerURL, "Schema"), (revoked.handlerURL, "Permission"),
    ]
    for (url, failureClass) in urls {
      let function = try FunctionUnderTest(environment: [
        "DATABASE_URL": url, "METRICS": "emf", "AWS_LAMBDA_FUNCTION_NAME": "sync-users",
        "SYNC_BUDGET_MS": "1000",
      ])
      _ = try function.invoke(TestEvent("PostConfirmation_ConfirmSignUp"))
      let line = try XCTUnwrap(try metrics(of: function).last)
      try assert(line, counts: "Failed", source: "PostConfirmation_ConfirmSignUp")
      XCTAssertEqual(line["FailureClass"] as? String, failureClass)
      XCTAssertEqual(
        try directives(line).last?["Dimensions"] as? [[String]], [["FunctionName", "FailureClass"]])
    }
  }

  /// What a function raises for its client is as it means it.
  func testAFieldsFunctionThatBreaksIsCounted() throws {
    let database = try TestDatabase()
    let pool = "eu-central-1_ExaMPLe01"
    let ada = try database.addUser("ada", pool: pool)
    try database.execute(
      """
      CALL cognito.grant_reader('\(database.handlerLogin)');
      CREATE SCHEMA api;
      GRANT USAGE ON SCHEMA api TO \(database.handlerLogin);
      CREATE TABLE api.closed (name text);
      CREATE FUNCTION api."Query_refused"(arguments jsonb, source jsonb) RETURNS jsonb LANGUAGE plpgsql
      AS $$ BEGIN RAISE SQLSTATE 'PT403' USING MESSAGE = 'no'; END $$;
      CREATE FUNCTION api."Query_broken"(arguments jsonb, source jsonb) RETURNS SETOF api.closed LANGUAGE sql
      AS $$ SELECT * FROM api.closed $$;
      """)
    let function = try FunctionUnderTest(environment: [
      "DATABASE_URL": database.handlerURL, "METRICS": "emf", "APPSYNC": "on",
      "AWS_LAMBDA_FUNCTION_NAME": "api",
    ])
    func event(_ field: String) -> String {
      let issuer = "https://cognito-idp.eu-central-1.amazonaws.com/\(pool)"
      return
        #"{"arguments":{},"identity":{"sub":"\#(ada.sub)","claims":{"sub":"\#(ada.sub)","iss":"\#(issuer)"}},"#
        + #""source":null,"info":{"fieldName":"\#(field)","parentTypeName":"Query"}}"#
    }
    let rows: [(event: String, broke: Int)] = [
      (event("refused"), 0), (event("none"), 0), (event("broken"), 1),
      ("[\(event("refused")),\(event("broken")),\(event("broken"))]", 1),
    ]
    for row in rows { _ = try function.invoke(Array(row.event.utf8)) }
    _ = try function.invoke(TestEvent("PreSignUp_SignUp"))
    let lines = try metrics(of: function)
    XCTAssertEqual(lines.map { $0["FieldFailed"] as? Int }, rows.map(\.broke) + [nil])
    for line in lines.dropLast() {
      XCTAssertEqual(line["Resolved"] as? Int, 1)
      XCTAssertEqual(line["TriggerSource"] as? String, "AppSync")
    }
  }

  func testNoPersonIsInIt() throws {
    let function = try FunctionUnderTest(environment: [
      "DATABASE_URL": "postgresql://127.0.0.1:\(try TCPRelay.unusedPort())/app", "METRICS": "emf",
    ])
    let sub = UUID()
    let event = TestEvent("PostConfirmation_ConfirmSignUp", sub: sub, email: "canary@example.com")
    _ = try function.invoke(event)
    let line = try XCTUnwrap(try metrics(of: function).last)
    let text = "\(line)".lowercased()
    XCTAssertEqual(
      try text.givesAway(["canary", sub.uuidString.lowercased(), event.userPoolID.lowercased()]), []
    )
  }

  func testItIsOffUnlessAskedFor() throws {
    let database = try TestDatabase()
    for setting in [[:], ["METRICS": "none"], ["METRICS": ""]] {
      let function = try FunctionUnderTest(
        environment: setting.merging(["DATABASE_URL": database.handlerURL]) { $1 })
      _ = try function.invoke(TestEvent())
      XCTAssertFalse(function.logText.contains("_aws"))
    }
  }

  func testLambdasOwnLevelLetsItPass() throws {
    for (level, expected) in [("WARN", "WARN"), ("FATAL", "FATAL"), ("DEBUG", "INFO")] {
      let function = try FunctionUnderTest(environment: [
        "DATABASE_URL": "host=127.0.0.1 port=\(try TCPRelay.unusedPort())", "METRICS": "emf",
        "AWS_LAMBDA_LOG_LEVEL": level,
      ])
      _ = try function.invoke(TestEvent("PreSignUp_SignUp"))
      XCTAssertEqual(try metrics(of: function).last?["level"] as? String, expected)
    }
  }

  func testTheRulesFindWhatIsWrong() {
    let time = Int(Date().timeIntervalSince1970 * 1000)
    let good =
      #"{"_aws":{"Timestamp":\#(time),"CloudWatchMetrics":[{"Namespace":"N","Dimensions":[["D"]],"#
      + #""Metrics":[{"Name":"M","Unit":"Count"}]}]},"D":"d","M":1}"# + "\n"
    XCTAssertEqual(EmbeddedMetricsRules.violations(in: Array(good.utf8)), [])
    let spoiled = [
      ("\n", ""), ("_aws", "aws"), ("\(time)", "1"), ("\(time)", "\"\(time)\""),
      ("[[\"D\"]]", "[\"D\"]"),
      ("[[\"D\"]]", "[]"), (#""Count""#, #""Counts""#), (#""D":"d""#, #""D":1"#),
      (#""D":"d""#, #""D":"""#),
      (#""M":1"#, #""M":"1""#), (#""M":1"#, #""m":1"#), (#""Namespace":"N""#, #""Namespace":"""#),
      (#""Name":"M""#, #""Named":"M""#), (#""Metrics""#, #""Metric""#),
    ]
    for (part, other) in spoiled {
      let bad = good.replacingOccurrences(of: part, with: other)
      XCTAssertNotEqual(EmbeddedMetricsRules.violations(in: Array(bad.utf8)), [], bad)
    }
  }
}
