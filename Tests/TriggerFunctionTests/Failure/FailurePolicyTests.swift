import CognitoTriggers
import LambdaRuntime
import Postgres
import XCTest

@testable import TriggerFunction

final class FailurePolicyTests: XCTestCase {
  private static let failures: [ActionFailure] = [
    .unidentifiedUser(.noSub), .event(.malformed), .database(.connectionLost), .unknownUser,
    .cognito(.throttled), .signUpEvent(.malformed), .migrationEvent(.malformed),
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
          (.postAuthentication, authentication), (.tokenRefreshTokens, .continue),
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

  func testATokenWithoutItsRolesIsWorthWhatItsSettingSays() throws {
    var configuration = Configuration(
      database: try ConnectionParameters(parsing: "host=db.example"))
    let answers: [(FailurePolicy, InvocationAnswer, InvocationAnswer)] = [
      (.continue, .echo, .echo),
      (.fail, .failure(.tokenContentsUnavailable), .failure(.databaseUnavailable)),
    ]
    for (policy, ofRoles, ofUser) in answers {
      configuration.tokenGenerationOnFailure = policy
      for source: TriggerSource in [
        .tokenHostedAuth, .tokenAuthentication, .tokenNewPasswordChallenge,
        .tokenAuthenticateDevice, .tokenRefreshTokens,
      ] {
        for failure in Self.failures {
          XCTAssertEqual(
            FailurePolicy.answer(after: failure, of: .answerToken, source, in: configuration),
            ofRoles)
        }
        XCTAssertEqual(
          FailurePolicy.answer(
            after: .database(.connectionLost), of: .writeUser, source, in: configuration), ofUser)
      }
    }
  }

  func testASignUpThatCannotBeDecidedIsRefusedUnlessItsSettingSaysOtherwise() throws {
    var configuration = Configuration(
      database: try ConnectionParameters(parsing: "host=db.example"))
    for (policy, answer) in [
      (FailurePolicy.fail, InvocationAnswer.failure(.signUpUndecided)), (.continue, .echo),
    ] {
      configuration.signUp.onFailure = policy
      for source: TriggerSource in [
        .preSignUp, .preSignUpExternalProvider, .preSignUpAdminCreateUser,
      ] {
        for failure in Self.failures {
          XCTAssertEqual(
            FailurePolicy.answer(after: failure, of: .decideSignUp, source, in: configuration),
            answer)
        }
      }
    }
  }

  func testNoOtherSettingLocksAnybodyOutWhoHasNoKeyOrWhoseTokenLacksItsRoles() throws {
    var configuration = Configuration(
      database: try ConnectionParameters(parsing: "host=db.example"))
    configuration.postConfirmationOnFailure = .fail
    configuration.postAuthenticationOnFailure = .fail
    for source in TriggerSource.allCases {
      for failure in Self.failures {
        let isTokens =
          source.rawValue.hasPrefix("TokenGeneration") && source != .tokenClientCredentials
        let answers: [Action: InvocationAnswer] = [
          .answerToken: .echo, .scheduledPush: .failure(.rolesNotPushed),
          .resolveFields: .failure(.fieldsNotResolved),
          // Any error would tell who exists.
          .migrateUser: .echo,
          .followChange: .failure(.changeNotFollowed), .decideSignUp: .failure(.signUpUndecided),
          .writeUser: failure == .unidentifiedUser(.noSub) || isTokens
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
