import CognitoAPI
import XCTest

@testable import CognitoPush

final class PushStepTests: XCTestCase {
  func testWhatFollowsFromEachAnswer() {
    let missingGroup = PushStep.end(PushOutcome(ofAdding: .resourceNotFound))
    let table: [(wanted: Bool, error: CognitoError?, creates: Bool, step: PushStep)] = [
      (true, nil, false, .end(.settled)),
      (false, nil, false, .end(.settled)),
      (true, .resourceNotFound, true, .createGroup),
      (true, .resourceNotFound, false, missingGroup),
      // A group may be missing because the whole pool is.
      (false, .resourceNotFound, false, .askForGroups),
      (false, .resourceNotFound, true, .askForGroups),
      (false, .userNotFound, false, .end(.settled)),
      (true, .userNotFound, true, .end(.keptBack(CognitoError.userNotFound.description))),
      (true, .throttled, true, .end(.postponed(.throttled))),
      (false, .timedOut, false, .end(.postponed(.timedOut))),
      (true, .blocked, true, .end(.postponed(.blocked))),
      (true, .internalError(status: 500), false, .end(.postponed(.internalError(status: 500)))),
      (
        true, .accessDenied(.addUserToGroup), false,
        .end(.stop(.accessDenied(.addUserToGroup)))
      ),
      (
        false, .credentialsRefused(.expired), false, .end(.stop(.credentialsRefused(.expired)))
      ),
      (
        true, .invalidParameter(.addUserToGroup), true,
        .end(.keptBack(CognitoError.invalidParameter(.addUserToGroup).description))
      ),
    ]
    for row in table {
      XCTAssertEqual(
        PushStep(isWanted: row.wanted, error: row.error, createsGroups: row.creates), row.step,
        "\(row)")
    }
    guard case .end(.keptBack(let reason, .missingGroup)) = missingGroup else {
      return XCTFail("a missing group that may not be made is kept")
    }
    XCTAssertTrue(reason.contains("does not exist"), reason)
  }
}
