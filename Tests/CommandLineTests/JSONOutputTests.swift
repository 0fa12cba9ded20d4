import CognitoPush
import JSON
import Reconciliation
import XCTest

@testable import CommandLine
@testable import LocalLambda
@testable import UserTable

/// What `--json` prints, to the byte: the keys, their order, how numbers look, and what is left out.
final class JSONOutputTests: XCTestCase {
  func testAReconciliationWithoutMore() {
    var report = Report(ending: .complete)
    (report.counts.listed, report.counts.inserted) = (3, 1)
    XCTAssertEqual(
      ReconcileOutcome(report).json(seconds: 1),
      #"{"complete":true,"dated":0,"deleted":0,"dryRun":false,"exitCode":2,"inserted":1,"kept":0,"listed":3,"#
        + #""refused":0,"result":"changed","resumable":false,"seconds":1,"skipped":0,"stale":0,"#
        + #""unchanged":2,"updated":0}"#)
  }

  func testAReconciliationWithAllThatThereIs() {
    var report = Report(ending: .cutShort("no page \"2\""))
    report.counts.listed = 12_345
    (report.counts.dated, report.counts.stale, report.counts.updated) = (1, 2, 3)
    (report.isDryRun, report.isResumable, report.pruneRefusal) = (true, true, .incomplete)
    var result = ReconcileFollowUp.Result()
    result.writeBack = AttributePusher.Summary(lacking: 4)
    result.roles = RoleComparison.Summary()
    result.repair = PushSummary()
    XCTAssertEqual(
      ReconcileOutcome(report, result).json(seconds: 61.23456),
      #"{"complete":false,"dated":1,"deleted":0,"dryRun":true,"exitCode":3,"inserted":0,"kept":0,"listed":12345,"#
        + #""problem":"no page \"2\"","pruneRefusal":"\#(Pruning.Refusal.incomplete)","refused":0,"#
        + #""repair":{"added":0,"createdGroups":0,"keptBack":0,"postponed":0,"removed":0,"users":0},"#
        + #""result":"differences left","resumable":true,"#
        + #""roles":{"differing":0,"missing":0,"surplus":0,"unknown":0,"users":0},"seconds":61.235,"#
        + #""skipped":0,"stale":2,"unchanged":12339,"updated":3,"#
        + #""writeBack":{"lacking":4,"refused":0,"set":0,"unknown":0}}"#)
  }

  func testAChangeThatIsKeptWithItsError() {
    let change = OutboxStatus.KeptBack(
      userPoolID: "eu-central-1_a", sub: "s", group: "a/b", error: "the group does not exist",
      failedAt: "2026-11-21T08:30:00Z")
    XCTAssertEqual(
      [change, change].jsonText,
      "["
        + Array(
          repeating: #"{"error":"the group does not exist","failedAt":"2026-11-21T08:30:00Z","#
            + #""group":"a/b","sub":"s","userPoolID":"eu-central-1_a"}"#, count: 2
        ).joined(separator: ",") + "]")
  }

  func testAnEventThatWasPlayed() {
    let answer = Answer(kind: .response([0x7B]), requestID: "1", elapsed: .microseconds(1_500))
    var row = ReplayRow(file: "a/b.json", event: [0x7B], answer: answer, report: nil)
    XCTAssertEqual(
      row.jsonText,
      #"{"expected":false,"file":"a/b.json","identical":true,"milliseconds":1.5,"outcome":"failed"}"#
    )
    (row.triggerSource, row.writeBack, row.isAsExpected) = ("PreSignUp_SignUp", "set", true)
    XCTAssertEqual(
      row.jsonText,
      #"{"expected":true,"file":"a/b.json","identical":true,"milliseconds":1.5,"outcome":"failed","#
        + #""triggerSource":"PreSignUp_SignUp","writeBack":"set"}"#)
  }

  func testAnInvocationOfALocalFunction() throws {
    let call = try InvokeRequest(
      ServedRequest(
        method: "POST", path: "/2015-03-31/functions/pooltable/invocations",
        headers: ["x-amz-invocation-type": "Event"], body: Array("{}".utf8)),
      for: FunctionIdentity(name: "pooltable"))
    let late = FinishedInvocation(
      PendingInvocation(request: call, requestID: "1"), result: .failed(.timedOut(.seconds(5))),
      elapsed: .microseconds(5_000_250), isColdStart: true, log: [])
    let row = LocalRow(late, report: nil)
    XCTAssertEqual(
      row.jsonText,
      #"{"asynchronous":true,"cold":true,"milliseconds":5000.25,"outcome":"timed out","#
        + #""problem":"Task timed out after 5.00 seconds","requestId":"1"}"#)
    XCTAssertEqual(
      row.line(at: .now()).dropFirst(8),
      "  -\(String(repeating: " ", count: 46))timed out    5000.25  cold  Event  "
        + "Task timed out after 5.00 seconds")
  }
}
