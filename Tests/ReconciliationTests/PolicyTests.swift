import Clock
import CognitoTriggers
import Postgres
import XCTest

@testable import Reconciliation

final class PolicyTests: XCTestCase {
  func testVerdicts() {
    typealias Ending = Report.Ending
    let cases: [(Ending, (inout Report) -> Void, Report.Verdict)] = [
      (.complete, { _ in }, .inStep),
      (.complete, { $0.counts.dated = 1 }, .inStep),
      (.complete, { $0.counts.inserted = 1 }, .changed),
      (.complete, { $0.counts.updated = 1 }, .changed),
      (.complete, { $0.counts.deleted = 1 }, .changed),
      (.complete, { ($0.counts.inserted, $0.isDryRun) = (1, true) }, .differencesLeft),
      (.complete, { $0.isDryRun = true }, .inStep),
      (.complete, { $0.counts.stale = 1 }, .differencesLeft),
      (.complete, { $0.counts.skipped = 1 }, .differencesLeft),
      (.complete, { $0.counts.refused = 1 }, .differencesLeft),
      (.complete, { $0.pruneRefusal = .incomplete }, .differencesLeft),
      // Nobody was read.
      (.complete, { $0.counts.listed = 0 }, .failed),
      (.complete, { $0.counts.skipped = 9 }, .failed),
      (.cutShort("x"), { $0.counts.listed = 0 }, .failed),
      (.cutShort("x"), { _ in }, .differencesLeft),
      (.interrupted(), { $0.counts.listed = 0 }, .differencesLeft),
      (.failed("x"), { _ in }, .failed),
    ]
    for (index, (ending, change, verdict)) in cases.enumerated() {
      var report = Report(ending: ending)
      report.counts.listed = 9
      change(&report)
      XCTAssertEqual(report.verdict, verdict, "case \(index)")
    }
    XCTAssertEqual(Report.Verdict.allCases.map(\.exitCode), [0, 2, 3, 1])
  }

  func testRecoveryOfABatch() throws {
    let cases: [(String, BatchRecovery)] = [
      ("40P01", .again), ("40001", .again), ("55P03", .again), ("57P01", .again),
      ("22P02", .split), ("22021", .split), ("23514", .split), ("23505", .split),
      ("54000", .split), ("P0001", .split), ("42501", .giveUp), ("42883", .giveUp),
      ("53100", .giveUp),
    ]
    for (code, recovery) in cases {
      let state = try XCTUnwrap(SQLState(code))
      XCTAssertEqual(
        BatchRecovery(after: .statementFailed(ServerError(state: state))), recovery, code)
    }
    XCTAssertEqual(BatchRecovery(after: .connectionLost), .again)
    XCTAssertEqual(BatchRecovery(after: .timedOut(.query)), .again)
    XCTAssertEqual(BatchRecovery(after: .unexpectedAnswer("")), .giveUp)
  }

  func testThePaceSlowsWhenThrottledAndRecovers() {
    var pace = RequestPace(limit: 20)
    XCTAssertEqual(pace.interval, .milliseconds(50))
    pace.throttled()
    XCTAssertEqual(pace.rate, 10)
    for _ in 1...50 { pace.throttled() }
    XCTAssertEqual(pace.interval, .seconds(10), "never slower than that")
    for _ in 1...99 { pace.succeeded() }
    XCTAssertLessThan(pace.rate, 20)
    for _ in 1...10 { pace.succeeded() }
    XCTAssertEqual(pace.rate, 20, "never faster than the limit")
  }

  func testCountsSurviveTheirJSON() {
    var counts = Counts()
    (counts.listed, counts.inserted, counts.sightings) = (9, 4, 5)
    counts.signInsWithoutRow = 3
    XCTAssertEqual(Counts(json: counts.json), counts)
    XCTAssertEqual(counts.unchanged, 5)
    for odd in ["", "[]", "{\"listed\": -1}", "{\"listed\": \"9\"}", "{\"listed\": 1e3}"] {
      XCTAssertEqual(Counts(json: odd), Counts(), odd)
    }
  }

  func testPatienceEndsWithItsTimeOrTheWish() {
    var none = Patience(until: StopRequest(), limit: .zero)
    XCTAssertFalse(none.wait(after: "x"))
    var stopped = Patience(until: StopRequest { true })
    XCTAssertFalse(stopped.wait(after: "x"))
    var patient = Patience(until: StopRequest())
    XCTAssertTrue(patient.wait(after: "x"))
  }

  /// The wish that a run should end, and what was told, from any thread.
  private final class Notes: @unchecked Sendable {
    private let lock = NSLock()
    private var wish = false
    private var told: [Deadline] = []

    var isEndWished: Bool {
      get { lock.withLock { wish } }
      set { lock.withLock { wish = newValue } }
    }
    var ends: [Deadline] { lock.withLock { told } }
    func add(_ end: Deadline) { lock.withLock { told.append(end) } }
  }

  func testPatienceIsCountedFromTheFirstFailureSinceTheLastSuccess() {
    let notes = Notes()
    // Waits end at once.
    notes.isEndWished = true
    var patience = Patience(
      until: StopRequest { notes.isEndWished }, tell: { _, end in notes.add(end) })
    for _ in 0..<3 { _ = patience.wait(after: "x") }
    XCTAssertEqual(Set(notes.ends.map(\.instant)).count, 1, "the end stands")
    Deadline.after(.milliseconds(20)).sleep()
    patience.restore()
    _ = patience.wait(after: "x")
    XCTAssertEqual(notes.ends.count, 4)
    XCTAssertEqual(Set(notes.ends.map(\.instant)).count, 2, "and begins anew")
  }

  func testAfterASuccessTheWaitsAreShortAgain() {
    let notes = Notes()
    // The first wait is at most 200 ms, later ones are up to 10 s.
    var patience = Patience(
      until: StopRequest { notes.isEndWished }, limit: .milliseconds(400))
    for _ in 1...3 {
      notes.isEndWished = true
      for _ in 0..<20 { _ = patience.wait(after: "x") }
      notes.isEndWished = false
      patience.restore()
      XCTAssertTrue(patience.wait(after: "x"))
    }
  }
}
