import AWS
import CognitoAPI
import CognitoTriggers
import JSON
import XCTest

@testable import Doctor

final class PermissionAndTrailTests: XCTestCase {
  private let pool = UserPoolID("eu-central-1_a1B2c3D4e")!

  func testEveryFeatureHasItsCallsAndNoCallIsTriedTwice() {
    func operations(_ change: (inout Features) -> Void) -> [String] {
      var features = Features()
      change(&features)
      return NeededCall.all(for: features).map(\.operation.rawValue)
    }
    XCTAssertEqual(operations { _ in }, [])
    XCTAssertEqual(
      operations { $0.linksProviders = true },
      ["ListUsers", "AdminGetUser", "AdminLinkProviderForUser"])
    XCTAssertEqual(operations { $0.followsChanges = true }, ["AdminGetUser", "ListUsers"])
    XCTAssertEqual(
      operations { $0.writeBackAttribute = "custom:userId" }, ["AdminUpdateUserAttributes"])
    XCTAssertEqual(
      operations { $0.pushesOnSchedule = true },
      ["AdminAddUserToGroup", "AdminRemoveUserFromGroup", "AdminListGroupsForUser"])
    XCTAssertEqual(
      operations {
        $0.pushesOnSchedule = true
        $0.createsGroups = true
      }.last, "CreateGroup")
    XCTAssertEqual(
      operations {
        $0.followsChanges = true
        $0.linksProviders = true
        $0.reconciles = true
      },
      ["ListUsers", "AdminGetUser", "AdminLinkProviderForUser"])
  }

  func testAnAnswerOfCognitosOwnMeansThatIAMHasLetTheCallIn() {
    let call = NeededCall(operation: .getUser, purposes: ["FOLLOW_CHANGES"], isTheFunctions: true)
    let rows: [(CognitoError?, Finding.Verdict)] = [
      (nil, .ok), (.userNotFound, .ok), (.resourceNotFound, .ok),
      (.invalidParameter(.getUser), .ok), (.notAuthorized(.getUser), .ok), (.aliasExists, .ok),
      (.accessDenied(.getUser), .failed), (.throttled, .skipped), (.timedOut, .skipped),
      (.blocked, .skipped), (.internalError(status: 500), .skipped),
      (.other(type: nil, status: 502), .skipped),
    ]
    for (answer, verdict) in rows {
      XCTAssertEqual(
        PermissionCheck.finding(call, on: pool, answer).verdict, verdict, "\(answer as Any)")
    }
    let reconcile = NeededCall(
      operation: .getUser, purposes: ["pooltable reconcile"], isTheFunctions: false)
    let denied = PermissionCheck.finding(reconcile, on: pool, .accessDenied(.getUser))
    XCTAssertEqual(denied.verdict, .warning, "the function works without it")
    XCTAssertTrue(denied.remedy?.contains("cognito-idp:AdminGetUser") == true)
  }

  func testCredentialsFailWhereTheFunctionNeedsThemAndAreSkippedElsewhere() {
    let unavailable = CognitoError.credentialsUnavailable(.missing(searched: "the environment"))
    let rows: [(Result<PoolDescription, CognitoError>, isNeeded: Bool, Finding.Verdict)] = [
      (.success(PoolDescription()), true, .ok), (.failure(.accessDenied(.describePool)), true, .ok),
      (.failure(unavailable), true, .failed), (.failure(unavailable), false, .skipped),
      (.failure(.credentialsRefused(.expired)), true, .failed),
      (.failure(.timedOut), true, .failed),
    ]
    for (answer, isNeeded, verdict) in rows {
      XCTAssertEqual(
        CredentialsCheck.finding(answer, isNeeded: isNeeded).verdict, verdict, "\(answer)")
    }
  }

  func testATrailMustBeOnAndRecordWrites() {
    func trail(_ isLogging: Bool?, _ recordsWrites: Bool?) -> TrailChecks.Trail {
      TrailChecks.Trail(name: "t", isLogging: isLogging, recordsWrites: recordsWrites)
    }
    let rows: [([TrailChecks.Trail], Finding.Verdict)] = [
      ([], .failed), ([trail(true, true)], .ok), ([trail(false, true), trail(true, true)], .ok),
      ([trail(true, false)], .failed), ([trail(false, true), trail(true, false)], .failed),
      ([trail(nil, nil)], .skipped), ([trail(true, nil)], .skipped), ([trail(false, nil)], .failed),
    ]
    for (trails, verdict) in rows {
      XCTAssertEqual(
        TrailChecks.trail(trails, in: "eu-central-1").verdict, verdict, "\(trails)")
    }
  }

  func testWhichSelectorsRecordManagementEventsThatWrite() throws {
    let rows: [(String, Bool)] = [
      (#"{}"#, false),
      (#"{"EventSelectors":[{"ReadWriteType":"All","IncludeManagementEvents":true}]}"#, true),
      (#"{"EventSelectors":[{"ReadWriteType":"WriteOnly"}]}"#, true),
      (#"{"EventSelectors":[{"ReadWriteType":"ReadOnly"}]}"#, false),
      (#"{"EventSelectors":[{"ReadWriteType":"All","IncludeManagementEvents":false}]}"#, false),
      (
        #"{"AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}]}"#,
        true
      ),
      (
        #"{"AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]}]}]}"#,
        false
      ),
      (
        #"{"AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"readOnly","Equals":["true"]},{"Field":"eventCategory","Equals":["Management"]}]}]}"#,
        false
      ),
      (
        #"{"AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"readOnly","Equals":["false"]},{"Field":"eventCategory","Equals":["Management"]}]}]}"#,
        true
      ),
    ]
    for (json, records) in rows {
      let answer = try XCTUnwrap(try JSONValue(parsing: Array(json.utf8)).object)
      XCTAssertEqual(EventSelectors(answer).recordManagementWrites, records, json)
    }
  }

  func testRulesMustLetEveryFollowedCallThrough() {
    XCTAssertEqual(TrailChecks.rules([], unmatched: []).verdict, .failed)
    XCTAssertEqual(TrailChecks.rules(["a", "b"], unmatched: []).verdict, .ok)
    let own = TrailChecks.rules(["a"], unmatched: [.adminDeleteUser, .deleteUser])
    XCTAssertEqual(own.verdict, .failed)
    XCTAssertEqual(own.text, "no rule lets AdminDeleteUser, DeleteUser through")
    XCTAssertTrue(own.remedy?.contains("their records name no pool") == true)
    XCTAssertFalse(
      TrailChecks.rules(["a"], unmatched: [.adminDeleteUser]).remedy?.contains("name no pool")
        == true)
  }

  /// What the rules are asked about is what the function takes for a record.
  func testTheSampleRecordsAreRecords() throws {
    for call in FollowedCall.allCases {
      let record = try XCTUnwrap(
        ChangeRecord(Array(SampleRecord(call, pool: pool, region: "eu-central-1").text.utf8)))
      XCTAssertEqual(record.call, call)
      XCTAssertEqual(record.userPoolID, call.namesPool ? pool.text : nil)
      XCTAssertFalse(record.hasFailed)
    }
  }
}
