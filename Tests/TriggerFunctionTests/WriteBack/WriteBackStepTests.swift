import XCTest

@testable import TriggerFunction

final class WriteBackStepTests: XCTestCase {
  func testTheIdIsSetWhereItDiffersAndTimeIsLeft() {
    let enough = WriteBack.minimumBudget
    let table: [(shown: String?, id: String?, remaining: Duration, step: WriteBackStep)] = [
      (nil, "a", enough, .set(id: "a")),
      ("b", "a", .seconds(4), .set(id: "a")),
      ("a", "a", .seconds(4), .nothing),
      ("a", "a", .zero, .nothing),
      // A team's own function may answer without one.
      ("a", nil, .seconds(4), .nothing),
      (nil, nil, .zero, .nothing),
      (nil, "a", enough - .milliseconds(1), .postpone),
      (nil, "a", .zero, .postpone),
    ]
    for row in table {
      XCTAssertEqual(
        WriteBackStep(shown: row.shown, id: row.id, remaining: row.remaining), row.step, "\(row)")
    }
  }
}
