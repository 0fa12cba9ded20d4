import CognitoTriggers
import Postgres
import XCTest

@testable import TriggerFunction

final class FailurePolicyTests: XCTestCase {
  func testEachTriggerFollowsItsOwnSetting() throws {
    var configuration = Configuration(
      database: try ConnectionParameters(parsing: "host=db.example"))
    for confirmation in FailurePolicy.allCases {
      for authentication in FailurePolicy.allCases {
        configuration.postConfirmationOnFailure = confirmation
        configuration.postAuthenticationOnFailure = authentication
        let expected: [(TriggerSource, FailurePolicy)] = [
          (.postConfirmation, confirmation), (.postConfirmationForgotPassword, confirmation),
          (.postAuthentication, authentication),
        ]
        for (source, policy) in expected {
          XCTAssertEqual(FailurePolicy(for: source, in: configuration), policy)
        }
      }
    }
  }
}
