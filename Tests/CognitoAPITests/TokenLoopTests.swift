import Clock
import CognitoAPI
import TestSupport
import XCTest

final class TokenLoopTests: XCTestCase {
  func testACircleOfAnyLengthIsNoticedAndNothingElse() {
    for lead in [0, 1, 7, 100] {
      for circle in [1, 2, 3, 5, 60] {
        var loop = TokenLoop()
        var count = 0
        while !loop.closes(with: count < lead ? "\(count)" : "c\((count - lead) % circle)") {
          count += 1
          if count > 10 * (lead + circle) { return XCTFail("\(lead), \(circle)") }
        }
        XCTAssertGreaterThanOrEqual(count, lead + circle - 1)
      }
    }
    var loop = TokenLoop()
    for number in 0..<10_000 { XCTAssertFalse(loop.closes(with: "\(number)")) }
  }

  func testGroupsWhoseTokensGoRoundAreAnError() throws {
    let steps = (0..<20).map { number in
      ScriptedServer.Step.answer(
        200, body: Array(#"{"Groups":[{"GroupName":"g"}],"NextToken":"\#(number % 2)"}"#.utf8))
    }
    let cognito = try ScriptedCognito(steps)
    let pool = try XCTUnwrap(UserPoolID(ScriptedCognito.pool))
    XCTAssertThrowsError(
      try cognito.client.groups(of: "ada", in: pool, until: .after(.seconds(60)))
    ) {
      XCTAssertEqual($0 as? CognitoError, .malformedAnswer(.listGroupsForUser))
    }
    XCTAssertLessThan(cognito.server.requests.count, 8)
  }
}
