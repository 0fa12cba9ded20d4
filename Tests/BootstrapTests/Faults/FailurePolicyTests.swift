import Foundation
import LocalLambda
import TestSupport
import XCTest

/// What Cognito is told, by both settings of both policies.
final class FailurePolicyTests: XCTestCase {
  func testEachTriggerFollowsItsSettingWhenTheDatabaseIsDown() throws {
    let down = "postgresql://127.0.0.1:\(try TCPRelay.unusedPort())/app"
    let confirmations = [
      "PostConfirmation_ConfirmSignUp", "PostConfirmation_ConfirmForgotPassword",
    ]
    let authentication = "PostAuthentication_Authentication"
    let settings: [(environment: [String: String], failing: [String], echoed: [String])] = [
      ([:], confirmations, [authentication]),
      (["POST_CONFIRMATION_ON_FAILURE": "continue"], [], confirmations + [authentication]),
      (["POST_AUTHENTICATION_ON_FAILURE": "fail"], confirmations + [authentication], []),
      (
        ["POST_CONFIRMATION_ON_FAILURE": "continue", "POST_AUTHENTICATION_ON_FAILURE": "fail"],
        [authentication], confirmations
      ),
    ]
    for (environment, failing, echoed) in settings {
      let function = try FunctionUnderTest(
        environment: ["DATABASE_URL": down].merging(environment) { $1 })
      for source in failing {
        guard case .error(let type, _) = try function.invoke(TestEvent(source)).kind else {
          XCTFail("\(source) was echoed with \(environment)")
          continue
        }
        XCTAssertEqual(type, "Function.DatabaseUnavailable")
        XCTAssertEqual(try function.lastOutcome(), "failed")
      }
      for source in echoed {
        let event = TestEvent(source)
        XCTAssertTrue(try function.invoke(event).echoes(event.bytes), "\(source) \(environment)")
        XCTAssertEqual(try function.lastOutcome(), "failed")
      }
      // What is not written needs no database.
      let event = TestEvent("PreSignUp_SignUp")
      XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
      XCTAssertEqual(try function.lastOutcome(), "passed")
    }
  }

  func testOnlyListedPoolsAreServed() throws {
    let database = try TestDatabase()
    let function = try FunctionUnderTest(environment: [
      "DATABASE_URL": database.handlerURL, "USER_POOL_IDS": "eu-central-1_a,eu-central-1_b",
    ])
    for (pool, isServed) in [
      ("eu-central-1_a", true), ("eu-central-1_b", true), ("eu-central-1_c", false),
      ("eu-central-1_A", false), ("", false),
    ] {
      for source in ["PostConfirmation_ConfirmSignUp", "PreSignUp_SignUp", "New_Source"] {
        let event = TestEvent(source, userPoolID: pool)
        let answer = try function.invoke(event)
        XCTAssertEqual(answer.echoes(event.bytes), isServed, "\(pool) \(source)")
        if !isServed {
          guard case .error("Function.UserPoolNotAllowed", _) = answer.kind else {
            XCTFail("\(answer.kind)")
            continue
          }
        }
      }
    }
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.users"), "2")
  }
}
