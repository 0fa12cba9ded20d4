import CognitoTriggers
import XCTest

@testable import UserSync

final class TriggerRuleTests: XCTestCase {
  /// The rows that the reference marks with *yes*.
  private static let written: [TriggerSource: TriggerRule] = [
    .postConfirmation: .write(confirms: true),
    .postConfirmationForgotPassword: .write(confirms: true),
    .postAuthentication: .write(confirms: false),
  ]

  func testOnlyTheThreeSourcesThatShowAFinishedUserAreWritten() {
    for source in TriggerSource.allCases {
      XCTAssertEqual(
        TriggerRule(source: source, userPoolID: "p_1", allowedPools: []),
        Self.written[source] ?? .pass, source.rawValue)
    }
  }

  func testAnUnknownSourcePassesWhateverItsNameBeginsWith() {
    XCTAssertNil(TriggerSource(rawValue: "PostConfirmation_SomethingNew"))
    XCTAssertEqual(TriggerRule(source: nil, userPoolID: "p_1", allowedPools: []), .pass)
  }

  func testOnlyListedPoolsAreServedWhereThereIsAList() {
    for source in TriggerSource.allCases.map(Optional.some) + [nil] {
      for (pool, isServed) in [("p_1", true), ("p_2", false), (nil, false), ("", false)] {
        let rule = TriggerRule(source: source, userPoolID: pool, allowedPools: ["p_1"])
        XCTAssertEqual(rule != .refuse, isServed)
      }
    }
  }
}
