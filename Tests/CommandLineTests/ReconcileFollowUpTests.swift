import CognitoPush
import Foundation
import Reconciliation
import TestSupport
import XCTest

@testable import CommandLine

/// `pooltable reconcile --write-back --roles --repair`: the other direction, after the users.
final class ReconcileFollowUpTests: XCTestCase {
  private func reconcile(_ scene: RoleScene, _ arguments: [String]) throws -> CommandRun {
    try CommandRun.pooltable(
      ["reconcile", "--user-pool-id", scene.pool.text, "--max-rate", "500"] + arguments,
      environment: scene.environment)
  }

  private func object(_ run: CommandRun) throws -> [String: Any] {
    try XCTUnwrap(
      JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any], run.errors)
  }

  /// Ada and Bob in the pool, nobody in the table.
  private func makeScene() throws -> RoleScene {
    let scene = try RoleScene(users: [])
    for user in ["ada", "bob"] { try scene.moto.createUser(user, in: scene.pool) }
    return scene
  }

  func testRowIdsAreWrittenBackWhereTheyAreMissing() throws {
    let scene = try makeScene()
    let dry = try object(try reconcile(scene, ["--json", "--dry-run", "--write-back"]))
    // In a dry run there are no rows yet that could lack it.
    XCTAssertEqual((dry["writeBack"] as? [String: Int])?["lacking"], 0)
    let first = try reconcile(scene, ["--json", "--write-back"])
    XCTAssertEqual(first.exitCode, 2, first.errors)
    XCTAssertEqual((try object(first)["writeBack"] as? [String: Int])?["set"], 2)
    for user in ["ada", "bob"] {
      XCTAssertEqual(
        try scene.moto.attributes(of: user, in: scene.pool)["custom:userId"],
        try scene.database.value(
          "SELECT id FROM cognito.users WHERE username = $1::text", [user]))
    }
    let second = try reconcile(scene, ["--write-back=custom:userId"])
    XCTAssertEqual(second.exitCode, 0, second.output + second.errors)
    XCTAssertTrue(second.output.contains("row ids: 0 written back"), second.output)

    try scene.database.execute("UPDATE cognito.users SET attributes = attributes - 'custom:userId'")
    let lacking = try reconcile(scene, ["--dry-run", "--write-back"])
    XCTAssertEqual(lacking.exitCode, 3, lacking.output)
  }

  func testRolesAreComparedAndRepaired() throws {
    let scene = try makeScene()
    XCTAssertEqual(try reconcile(scene, []).exitCode, 2)
    try scene.addRole("admin")
    try scene.addRole("editor")
    try scene.give("admin", to: "ada")
    // As if they had been loaded with the triggers switched off.
    try scene.database.execute("DELETE FROM cognito.role_outbox")
    for group in ["editor", "beta"] {
      try scene.moto.createGroup(group, in: scene.pool)
      try scene.moto.addUser("bob", toGroup: group, in: scene.pool)
    }
    let compared = try reconcile(scene, ["--roles", "--verbose"])
    XCTAssertEqual(compared.exitCode, 3, compared.errors)
    XCTAssertTrue(
      compared.output.contains("2 users compared, 2 differ, 1 membership missing, 1 surplus"),
      compared.output)
    XCTAssertTrue(compared.output.contains("missing admin"), compared.output)
    XCTAssertTrue(compared.output.contains("surplus editor"), compared.output)
    XCTAssertEqual(try scene.groups(), ["ada": [], "bob": ["editor", "beta"]])

    let repaired = try reconcile(scene, ["--roles", "--repair", "--json"])
    XCTAssertEqual(repaired.exitCode, 2, repaired.errors)
    XCTAssertEqual((try object(repaired)["repair"] as? [String: Int])?["added"], 1)
    XCTAssertEqual(try scene.groups(), ["ada": ["admin"], "bob": ["beta"]])
    XCTAssertEqual(try reconcile(scene, ["--roles"]).exitCode, 0)
  }

  func testNothingIsDerivedFromAListingThatFailed() throws {
    let scene = try makeScene()
    let run = try reconcile(scene, ["--from", "/dev/null", "--write-back", "--json"])
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertNil(try object(run)["writeBack"])
  }

  func testTheVerdictSaysTheWorst() {
    var set = AttributePusher.Summary()
    set.set = 1
    var unknown = AttributePusher.Summary()
    unknown.unknown = 1
    var roles = RoleComparison.Summary()
    roles.differing = 1
    var kept = PushSummary()
    kept.keptBack = 1
    let table: [(ReconcileFollowUp.Result, Report.Verdict)] = [
      (.init(), .inStep),
      (.init(writeBack: set), .changed),
      (.init(writeBack: unknown), .differencesLeft),
      (.init(writeBack: .init(lacking: 1)), .differencesLeft),
      (.init(roles: .init()), .inStep),
      (.init(roles: roles), .differencesLeft),
      (.init(roles: roles, repair: .init()), .changed),
      (.init(roles: roles, repair: kept), .differencesLeft),
      (.init(writeBack: set, problem: "x"), .failed),
    ]
    for (result, verdict) in table { XCTAssertEqual(result.verdict, verdict, "\(result)") }
  }

  /// Words, JSON and code of every pair of verdicts are of the worse one.
  func testTheFirstLineTheJSONAndTheExitCodeAgree() throws {
    func report(_ verdict: Report.Verdict) -> Report {
      var report = Report(ending: verdict == .failed ? .failed("x") : .complete)
      report.counts.listed = 3
      switch verdict {
      case .changed: report.counts.inserted = 1
      case .differencesLeft: report.counts.stale = 1
      case .inStep, .failed: break
      }
      return report
    }
    func followUp(_ verdict: Report.Verdict) -> ReconcileFollowUp.Result {
      switch verdict {
      case .inStep: return .init()
      case .failed: return .init(problem: "x")
      case .changed, .differencesLeft:
        var summary = AttributePusher.Summary()
        if verdict == .changed { summary.set = 279 } else { summary.refused = 1 }
        return .init(writeBack: summary)
      }
    }
    let worst: [Report.Verdict] = [.failed, .differencesLeft, .changed, .inStep]
    for first in Report.Verdict.allCases {
      for second in Report.Verdict.allCases {
        let outcome = ReconcileOutcome(report(first), followUp(second))
        XCTAssertEqual(outcome.report.verdict, first)
        XCTAssertEqual(outcome.followUp.verdict, second)
        let expected = try XCTUnwrap(worst.first { $0 == first || $0 == second })
        XCTAssertEqual(outcome.verdict, expected)
        XCTAssertTrue(outcome.lines[0].hasPrefix("\(expected.rawValue): "), outcome.lines[0])
        let json = try XCTUnwrap(
          JSONSerialization.jsonObject(with: Data(outcome.json(seconds: 1).utf8)) as? [String: Any])
        XCTAssertEqual(json["result"] as? String, expected.rawValue)
        XCTAssertEqual(json["exitCode"] as? Int32, expected.exitCode)
      }
    }
  }

  func testWhatADryRunAndAnInterruptionSay() {
    var dry = Report(ending: .complete)
    (dry.counts.listed, dry.counts.inserted, dry.isDryRun) = (1300, 300, true)
    XCTAssertEqual(
      ReconcileOutcome(dry).lines,
      ["differences left (dry run): 1,300 users listed, 300 would be inserted, 1,000 unchanged"])
    var complete = Report(ending: .complete)
    complete.counts.listed = 1
    let interrupted = ReconcileOutcome(complete, .init(isInterrupted: true))
    XCTAssertEqual(interrupted.verdict, .differencesLeft)
    XCTAssertEqual(
      interrupted.lines, ["differences left, interrupted: 1 user listed, 1 unchanged"])
    XCTAssertTrue(interrupted.json(seconds: 1).contains(#""complete":false"#))
    var waits = ReconcileFollowUp.Result(isInterrupted: true)
    waits.waitedFor = "Cognito failed"
    let waited = ReconcileOutcome(complete, waits)
    XCTAssertEqual(waited.verdict, .differencesLeft)
    XCTAssertEqual(waited.problems, ["interrupted while waiting: Cognito failed"])
    XCTAssertTrue(
      waited.json(seconds: 1).contains(
        #""problem":"interrupted while waiting: Cognito failed""#))
    let nobody = ReconcileOutcome(Report(ending: .complete))
    XCTAssertEqual(nobody.problems, ["Error: the listing holds no user: is it of this pool?"])
    XCTAssertTrue(
      nobody.json(seconds: 1).contains(
        #""problem":"the listing holds no user: is it of this pool?""#))
    var waiting = Report(ending: .interrupted(while: "the database: away"))
    waiting.isResumable = true
    XCTAssertEqual(
      ReconcileOutcome(waiting).problems,
      [
        "interrupted while waiting: the database: away",
        "to resume from here, run it again with --resume",
      ])
  }
}
