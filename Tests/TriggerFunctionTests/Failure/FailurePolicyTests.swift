import CognitoTriggers
import LambdaRuntime
import Postgres
import XCTest

@testable import TriggerFunction

final class FailurePolicyTests: XCTestCase {
  private static let failures: [ActionFailure] = [
    .unidentifiedUser(.noSub), .event(.malformed), .database(.connectionLost), .unknownUser,
    .cognito(.throttled),
  ]

  func testEachTriggerThatWritesFollowsItsOwnSetting() throws {
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
          XCTAssertEqual(
            FailurePolicy.answer(
              after: .database(.connectionLost), of: .writeUser, source, in: configuration),
            policy == .fail ? .failure(.databaseUnavailable) : .echo)
        }
      }
    }
  }

  func testNoSettingLocksAnybodyOutWhoHasNoKeyOrWhoseTokenLacksItsRoles() throws {
    var configuration = Configuration(
      database: try ConnectionParameters(parsing: "host=db.example"))
    configuration.postConfirmationOnFailure = .fail
    configuration.postAuthenticationOnFailure = .fail
    for source in TriggerSource.allCases {
      for failure in Self.failures {
        let answers: [Action: InvocationAnswer] = [
          .tokenRoles: .echo, .scheduledPush: .failure(.rolesNotPushed),
          .writeUser: failure == .unidentifiedUser(.noSub)
            ? .echo : .failure(.databaseUnavailable),
        ]
        for action in Action.allCases {
          XCTAssertEqual(
            FailurePolicy.answer(after: failure, of: action, source, in: configuration),
            answers[action], "\(action) \(failure) \(source)")
        }
      }
    }
  }
}
