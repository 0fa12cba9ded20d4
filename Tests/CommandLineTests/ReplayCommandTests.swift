import Foundation
import TestSupport
import XCTest

final class ReplayCommandTests: XCTestCase {
  private var events: String { TestEnvironment.fixtures.appendingPathComponent("events").path }
  private var rejected: String { TestEnvironment.fixtures.appendingPathComponent("rejected").path }

  private func lines(_ run: CommandRun) throws -> [[String: Any]] {
    try run.output.split(separator: "\n").map { line in
      try XCTUnwrap(
        JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], String(line))
    }
  }

  func testEveryFixtureGetsARowAndEveryEventComesBackIdentical() throws {
    let database = try TestDatabase()
    let run = try CommandRun.pooltable(
      ["replay", "--json", "\(events)/sources", "\(events)/variations"],
      environment: ["DATABASE_URL": database.handlerURL])
    XCTAssertEqual(run.exitCode, 0, run.errors)
    let rows = try lines(run)
    XCTAssertEqual(rows.count, try TestEnvironment.triggerFixtures().count)
    XCTAssertTrue(rows.allSatisfy { $0["identical"] as? Bool == true })
    XCTAssertEqual(rows.filter { $0["outcome"] as? String == "inserted" }.count, 52)
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.users"), "52")
  }

  func testRejectedFilesAreExpectedRefusals() throws {
    let database = try TestDatabase()
    let run = try CommandRun.pooltable(
      ["replay", "--json", rejected], environment: ["DATABASE_URL": database.handlerURL])
    XCTAssertEqual(run.exitCode, 0, run.errors)
    let rows = try lines(run)
    XCTAssertEqual(rows.count, try TestEnvironment.fixtureFiles(in: "rejected").count)
    XCTAssertTrue(
      rows.allSatisfy { $0["outcome"] as? String == "refused" && $0["identical"] as? Bool == false }
    )
  }

  func testRepeatedEventsAreUnchangedTheSecondTime() throws {
    let database = try TestDatabase()
    let file = "\(events)/variations/phone-only-user.json"
    let run = try CommandRun.pooltable(
      ["replay", "--json", "--repeat", "3", file],
      environment: ["DATABASE_URL": database.handlerURL])
    XCTAssertEqual(
      try lines(run).map { $0["outcome"] as? String }, ["inserted", "unchanged", "unchanged"])
  }

  func testMetricsInTheLogAreNoNews() throws {
    let database = try TestDatabase()
    let run = try CommandRun.pooltable(
      ["replay", "--json", "\(events)/variations/phone-only-user.json"],
      environment: ["DATABASE_URL": database.handlerURL, "METRICS": "emf"])
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertEqual(try lines(run).map { $0["outcome"] as? String }, ["inserted"])
    XCTAssertEqual(run.errors, "")
  }

  func testATokenEventWithTheRolesIsAsItShouldBe() throws {
    let database = try TestDatabase()
    try database.query(
      """
      INSERT INTO cognito.users (user_pool_id, sub, observed_at)
      VALUES ('eu-central-1_ExaMPLe01', '649ad683-648a-4b8d-ab6a-0f26b5f08742', now())
      """)
    let run = try CommandRun.pooltable(
      ["replay", "--json", "\(events)/sources/TokenGeneration_RefreshTokens.json"],
      environment: ["DATABASE_URL": database.handlerURL, "TOKEN_ROLES": "on"])
    XCTAssertEqual(run.exitCode, 0, run.errors)
    let row = try XCTUnwrap(lines(run).first)
    XCTAssertEqual(row["outcome"] as? String, "overridden")
    XCTAssertEqual(row["identical"] as? Bool, false)
    XCTAssertEqual(row["expected"] as? Bool, true)
  }

  func testWhatATokenIsToCarryIsShown() throws {
    let database = try TestDatabase()
    let sql = TestEnvironment.fixtures.appendingPathComponent("setup/token-claims.sql")
    try database.execute(String(decoding: Data(contentsOf: sql), as: UTF8.self))
    let event = "\(events)/sources/TokenGeneration_Authentication.v2.json"
    let settings = [
      "DATABASE_URL": database.handlerURL, "TOKEN_CLAIMS": "on", "SYNC_ON_TOKEN": "on",
    ]
    let json = try CommandRun.pooltable(["replay", "--json", event], environment: settings)
    XCTAssertEqual(json.exitCode, 0, json.errors)
    let id = try XCTUnwrap(database.value("SELECT id FROM cognito.users"))
    let expected: NSDictionary = [
      "claimsAndScopeOverrideDetails": [
        "idTokenGeneration": ["claimsToAddOrOverride": ["user_id": id]],
        "accessTokenGeneration": [
          "claimsToAddOrOverride": [
            "user_id": id, "roles": ["employee", "member"], "role": "authenticated",
          ]
        ],
      ]
    ]
    XCTAssertEqual(try lines(json).first?["response"] as? NSDictionary, expected)
    let table = try CommandRun.pooltable(["replay", event], environment: settings)
    XCTAssertTrue(
      table.output.contains(
        "\n" + #"  response {"claimsAndScopeOverrideDetails":{"accessTokenGeneration":{"#),
      table.output)
    // An event that comes back as it was has nothing to show.
    let plain = try CommandRun.pooltable(
      ["replay", "--json", event], environment: ["DATABASE_URL": database.handlerURL])
    XCTAssertNil(try lines(plain).first?["response"])
  }

  func testWhatAppSyncIsAnsweredIsShown() throws {
    let database = try TestDatabase()
    let ada = try database.addUser("ada", pool: "eu-central-1_ExaMPLe01")
    try database.execute(
      """
      CALL cognito.grant_reader('\(database.handlerLogin)');
      CREATE SCHEMA api;
      GRANT USAGE ON SCHEMA api TO PUBLIC;
      CREATE FUNCTION api."Query_one"(arguments jsonb, source jsonb) RETURNS integer LANGUAGE sql AS 'SELECT 1';
      CREATE FUNCTION api."Query_broken"(arguments jsonb, source jsonb) RETURNS integer LANGUAGE sql AS 'SELECT 1 / 0';
      CREATE FUNCTION api."Query_likeAnError"(arguments jsonb, source jsonb) RETURNS jsonb LANGUAGE sql
      AS $$ SELECT jsonb_build_array(jsonb_build_object('errorType', 'InternalError')) $$;
      """)
    let settings = ["DATABASE_URL": database.handlerURL, "APPSYNC": "on"]
    func error(_ type: String, _ message: String) -> String {
      #"{"errorMessage":"\#(message)","errorType":"\#(type)","stackTrace":[]}"#
    }
    let (none, broken) = ("the field Query.none has no function", "The field could not be resolved")
    let rows: [(fields: [String], response: String, isExpected: Bool)] = [
      (["one"], "1", true), (["likeAnError"], #"[{"errorType":"InternalError"}]"#, true),
      (["none"], error("NotFound", none), true),
      (["broken"], error("InternalError", broken), false),
      (
        ["one", "none"],
        #"[{"data":1},{"data":null,"errorMessage":"\#(none)","errorType":"NotFound"}]"#, true
      ),
      (
        ["one", "broken"],
        #"[{"data":1},{"data":null,"errorMessage":"\#(broken)","errorType":"InternalError"}]"#,
        false
      ),
    ]
    for row in rows {
      let issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_ExaMPLe01"
      let events = row.fields.map { field in
        #"{"arguments":{},"identity":{"sub":"\#(ada.sub)","claims":{"sub":"\#(ada.sub)","iss":"\#(issuer)"}},"#
          + #""info":{"fieldName":"\#(field)","parentTypeName":"Query"},"source":null}"#
      }
      let input = events.count == 1 ? events[0] : "[\(events.joined(separator: ","))]"
      let json = try CommandRun.pooltable(
        ["replay", "--json", "-"], environment: settings, input: input)
      XCTAssertEqual(json.exitCode, row.isExpected ? 0 : 1, json.output + json.errors)
      let shown = try XCTUnwrap(lines(json).first)
      XCTAssertEqual(shown["outcome"] as? String, "resolved")
      XCTAssertEqual(shown["expected"] as? Bool, row.isExpected)
      XCTAssertEqual(shown["triggerSource"] as? String, "AppSync Query.\(row.fields[0])")
      XCTAssertTrue(json.output.contains(#""response":\#(row.response),"#), json.output)
      let table = try CommandRun.pooltable(["replay", "-"], environment: settings, input: input)
      XCTAssertEqual(table.exitCode, row.isExpected ? 0 : 1, table.output)
      XCTAssertTrue(table.output.contains("\n  response \(row.response)\n"), table.output)
    }
  }

  private func temporaryFile(_ name: String, _ text: String) throws -> String {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("pooltable-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    addTeardownBlock { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent(name)
    try Data(text.utf8).write(to: file)
    return file.path
  }

  func testSeveralEventsAreReadFromStandardInputAndFilesAndNamedByTheirLines() throws {
    let database = try TestDatabase()
    let text = { String(decoding: TestEvent().bytes, as: UTF8.self) }
    let lines = try temporaryFile("a.jsonl", "\(text())\n\n\(text())\n")
    let values = try temporaryFile("b.json", "\(text()) \(text())\n[]")
    let one = try temporaryFile("c.json", "\(text())\nand more")
    let folder = URL(fileURLWithPath: lines).deletingLastPathComponent().path
    let run = try CommandRun.pooltable(
      ["replay", "--json", "--repeat", "2", folder, "-", values, one],
      environment: ["DATABASE_URL": database.handlerURL], input: "\(text())\r\n\(text())")
    XCTAssertEqual(run.exitCode, 0, run.output + run.errors)
    let rows = try self.lines(run).map {
      "\($0["file"] as? String ?? "") \($0["outcome"] as? String ?? "")"
    }
    let events = ["\(lines):1", "\(lines):3", "-:1", "-:2", "\(values):1", "\(values):1"]
    XCTAssertEqual(
      rows,
      events.flatMap { ["\($0) inserted", "\($0) unchanged"] }
        + ["\(values):2", "\(values):2", one, one].map { "\($0) refused" })
  }

  func testWhatIsNoEventOfSeveralEndsTheRunAndIsNamedByFileAndLine() throws {
    let database = try TestDatabase()
    let event = String(decoding: TestEvent().bytes, as: UTF8.self)
    let large = "{\"a\":\"" + String(repeating: "x", count: 6 << 20) + "\"}"
    let rows: [(String, String)] = [
      ("\(event)\nnot JSON\n\(event)", "-:2: this is not JSON"),
      ("\(event)\n\n{\"triggerSource\":", "-:3: the JSON that begins here is cut off"),
      ("\(event)\n\(large)", "-:2: the event that begins here is larger than 6 MB"),
    ]
    for (input, words) in rows {
      let run = try CommandRun.pooltable(
        ["replay", "-"], environment: ["DATABASE_URL": database.handlerURL], input: input)
      XCTAssertEqual(run.exitCode, 1, words)
      XCTAssertTrue(run.errors.contains(words), run.errors)
      XCTAssertTrue(run.output.contains("\n1 event: "), run.output)
    }
    let empty = try CommandRun.pooltable(
      ["replay", "-"], environment: ["DATABASE_URL": database.handlerURL], input: "\n")
    XCTAssertEqual(empty.exitCode, 1)
    XCTAssertTrue(empty.errors.contains("-: it holds no event"), empty.errors)
    XCTAssertEqual(empty.output, "")
  }

  func testTheTableIsAligned() throws {
    let database = try TestDatabase()
    let run = try CommandRun.pooltable(
      ["replay", "\(events)/sources"], environment: ["DATABASE_URL": database.handlerURL])
    let rows = run.output.split(separator: "\n").dropLast()
    XCTAssertEqual(Set(rows.map(\.count)).count, 1, run.output)
    XCTAssertTrue(run.output.hasSuffix("every answer as it should be\n"), run.output)
  }

  func testAFailedWriteIsAFailureOfTheRun() throws {
    let port = try TCPRelay.unusedPort()
    let run = try CommandRun.pooltable(
      ["replay", "\(events)/sources/PostConfirmation_ConfirmSignUp.json"],
      environment: ["DATABASE_URL": "postgresql://127.0.0.1:\(port)/app", "SYNC_BUDGET_MS": "500"])
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(run.output.contains("failed"), run.output)
    XCTAssertTrue(run.output.contains("1 NOT as they should be"), run.output)
  }

  func testAProgramThatDiesOrIsMissingOrMisconfiguredIsAFailure() throws {
    let file = "\(events)/sources/PreSignUp_SignUp.json"
    let cases: [([String], [String: String], String)] = [
      (["--bootstrap", "/bin/false"], [:], "exited with code 1"),
      (["--bootstrap", "/no/such/program"], [:], "no such program"),
      ([], ["USER_POOL_IDS": "nonsense"], "USER_POOL_IDS"),
      (["/no/such/file"], [:], "no such file"),
    ]
    for (arguments, environment, words) in cases {
      let run = try CommandRun.pooltable(
        ["replay", file] + arguments,
        environment: ["DATABASE_URL": "host=127.0.0.1"].merging(environment) { $1 })
      XCTAssertEqual(run.exitCode, 1, words)
      XCTAssertTrue(run.errors.contains(words), run.errors)
    }
  }

  func testWhatCannotBeBegunHasNoTable() throws {
    let run = try CommandRun.pooltable(
      ["replay", "/no/such/file"], environment: ["DATABASE_URL": "host=127.0.0.1"])
    XCTAssertEqual(run.output, "")
    let died = try CommandRun.pooltable(
      ["replay", "--bootstrap", "/bin/false", "\(events)/sources/PreSignUp_SignUp.json"],
      environment: ["DATABASE_URL": "host=127.0.0.1"])
    XCTAssertEqual(died.output, "")
  }

  func testWhatAFileHoldsSteersNoTerminal() throws {
    let database = try TestDatabase()
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("pooltable-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("a\u{1B}]0;b\u{202E}.json")
    try Data(#"{"triggerSource":"A\u001b[2J\u202e","request":{}}"#.utf8).write(to: file)
    let run = try CommandRun.pooltable(
      ["replay", file.path], environment: ["DATABASE_URL": database.handlerURL])
    for text in [run.output, run.errors] {
      XCTAssertFalse(text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" }, text)
    }
    XCTAssertTrue(run.output.contains("A\u{FFFD}[2J\u{FFFD}"), run.output)
  }

  func testAnEventBehindAByteOrderMarkIsReplayedLikeAnyOther() throws {
    let database = try TestDatabase()
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("pooltable-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    try (Data([0xEF, 0xBB, 0xBF]) + Data(TestEvent().bytes)).write(to: file)
    let run = try CommandRun.pooltable(
      ["replay", "--json", file.path], environment: ["DATABASE_URL": database.handlerURL])
    XCTAssertEqual(run.exitCode, 0, run.errors)
    let row = try XCTUnwrap(lines(run).first)
    XCTAssertEqual(row["outcome"] as? String, "inserted")
    XCTAssertEqual(row["identical"] as? Bool, true)
    XCTAssertEqual(row["triggerSource"] as? String, "PostAuthentication_Authentication")
  }

  func testAProgramThatHangsIsAFailure() throws {
    let script = FileManager.default.temporaryDirectory
      .appendingPathComponent("pooltable-hang-\(UUID().uuidString)")
    try Data("#!/bin/sh\nexec sleep 60\n".utf8).write(to: script)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
    defer { try? FileManager.default.removeItem(at: script) }
    let run = try CommandRun.pooltable(
      ["replay", "\(events)/sources/PreSignUp_SignUp.json", "--bootstrap", script.path],
      environment: ["DATABASE_URL": "host=127.0.0.1"])
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(run.errors.contains("hung"), run.errors)
  }

  func testAForeignPoolIsAnExpectedRefusal() throws {
    let database = try TestDatabase()
    let run = try CommandRun.pooltable(
      ["replay", "--json", "\(events)/variations/foreign-user-pool.json"],
      environment: [
        "DATABASE_URL": database.handlerURL, "USER_POOL_IDS": "eu-central-1_ExaMPLe01",
      ])
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertEqual(try lines(run).map { $0["outcome"] as? String }, ["refused"])
  }
}
