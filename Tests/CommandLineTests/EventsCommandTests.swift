import CognitoAPI
import Foundation
import TestSupport
import XCTest

/// `pooltable events`, as somebody uses it who has no Cognito at hand.
final class EventsCommandTests: XCTestCase {
  private func events(_ arguments: String...) throws -> CommandRun {
    try CommandRun.pooltable(["events"] + arguments)
  }

  func testEveryEventIsTakenByTheFunctionForWhatItIs() throws {
    let (database, moto) = (try TestDatabase(), try MotoServer.shared)
    let pool = try moto.createUserPool()
    try database.execute(
      """
      CALL cognito.grant_reader('\(database.handlerLogin)');
      CREATE SCHEMA api;
      GRANT USAGE ON SCHEMA api TO PUBLIC;
      CREATE FUNCTION api."Query_me"(arguments jsonb, source jsonb) RETURNS integer LANGUAGE sql AS 'SELECT 1'
      """)
    var environment = moto.environment
    environment["PATH"] = "\(TestEnvironment.products.path):/usr/bin:/bin"
    environment["DATABASE_URL"] = database.handlerURL
    environment["USER_POOL_IDS"] = pool.text
    environment["pool"] = pool.text
    for feature in ["APPSYNC", "FOLLOW_CHANGES", "PUSH_ON_SCHEDULE", "SYNC_ON_TOKEN"] {
      environment[feature] = "on"
    }
    // What names no pool is an error with one.
    let run = try CommandRun.run(
      URL(fileURLWithPath: "/bin/bash"),
      [
        "-c",
        """
        {
          pooltable events --list | while read -r name words; do
            pooltable events "$name" --user-pool-id "$pool" 2>/dev/null || pooltable events "$name" || exit
          done
          for version in 1 2 3; do
            pooltable events TokenGeneration_Authentication --token-version $version --user-pool-id "$pool"
          done
          pooltable events AppSync --batch 2 --user-pool-id "$pool"
        } | pooltable replay --json -
        """,
      ], environment)
    XCTAssertEqual(run.exitCode, 0, run.output + run.errors)
    let rows = try run.output.split(separator: "\n").map { line in
      try XCTUnwrap(
        JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], String(line))
    }
    let names = try events("--list").output.split(separator: "\n").map { line in
      String(line.prefix { $0 != " " })
    }
    XCTAssertEqual(
      rows.map { $0["triggerSource"] as? String },
      names.map { $0 == "AppSync" ? "AppSync Query.me" : $0 }
        + Array(repeating: "TokenGeneration_Authentication", count: 3) + ["AppSync Query.me"])
    for row in rows {
      XCTAssertEqual(row["expected"] as? Bool, true, "\(row)")
      XCTAssertFalse(["failed", "refused"].contains(row["outcome"] as? String), "\(row)")
    }
    let outcomes = Dictionary(grouping: rows) { $0["outcome"] as? String ?? "" }
    XCTAssertEqual(outcomes["resolved"]?.count, 2)
    XCTAssertEqual(outcomes["pushed"]?.count, 1)
    XCTAssertEqual(outcomes["inserted"]?.count, 1)
    XCTAssertEqual(outcomes["deleted"]?.count, 1)
  }

  func testTheCommandsOfTheREADME() throws {
    let database = try TestDatabase()
    let session = try DocumentedSession(
      in: "Sources/CommandLine/README.md", beginning: "pooltable events PostConfirmation_")
    XCTAssertEqual(session.steps.count, 6)
    for difference in try session.differences(["DATABASE_URL": database.handlerURL]) {
      XCTFail(difference)
    }
  }

  func testSoManyEventsAreOfSoManyUsers() throws {
    let run = try events(
      "PostConfirmation_ConfirmSignUp", "--count", "1000", "--attribute", "a=b=c")
    let lines = run.output.split(separator: "\n")
    XCTAssertEqual(lines.count, 1000)
    XCTAssertEqual(Set(lines).count, 1000)
    XCTAssertTrue(lines.allSatisfy { $0.contains(#""a":"b=c""#) })
  }

  func testAWrongCommandLineIsToldWithWhatIsRight() throws {
    let rows: [([String], String)] = [
      ([], "Name a source, or give --list."), (["Schedule", "--list"], "or give --list"),
      (["PostConfirmation"], "'pooltable events --list' names them all"),
      (["postconfirmation_confirmsignup"], "PostConfirmation_ConfirmSignUp is one"),
      (["Schedule", "--provider", "Google"], "has no place for --provider; it takes --region"),
      (["DeleteUserPool", "--count", "2"], "has no place for --count"),
      (["AdminDeleteUser", "--sub", "ada"], "--sub"),
      (["AdminDeleteUser", "--user-pool-id", "pool"], "--user-pool-id"),
      (["PreSignUp_SignUp", "--attribute", "email"], "--attribute"),
      (["PreSignUp_SignUp", "--attribute", "=a"], "--attribute"),
      (["TokenGeneration_RefreshTokens", "--token-version", "4"], "--token-version"),
      (["AppSync", "--field", "me"], "--field"), (["AppSync", "--batch", "0"], "--batch"),
      (["PreSignUp_SignUp", "--count", "0"], "--count must be 1 or more"),
      (["PreSignUp_SignUp", "--count", "2", "--username", "a"], "leave out --count"),
    ]
    for (arguments, words) in rows {
      let run = try CommandRun.pooltable(["events"] + arguments)
      XCTAssertEqual(run.exitCode, 64, "\(arguments): \(run.errors)")
      XCTAssertTrue(run.errors.contains(words), "\(arguments): \(run.errors)")
      XCTAssertTrue(run.errors.contains("Usage: pooltable events "), "\(arguments): \(run.errors)")
      XCTAssertEqual(run.output, "")
    }
  }
}
