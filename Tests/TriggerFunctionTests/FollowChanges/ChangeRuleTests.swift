import CognitoAPI
import CognitoTriggers
import Foundation
import TestSupport
import XCTest

@testable import TriggerFunction

final class ChangeRuleTests: XCTestCase {
  private static let sub = "3f1c2d4e-5a6b-4c7d-8e9f-0a1b2c3d4e5f"

  private func record(
    _ name: String, pool: String? = "eu-central-1_A", sub: String? = ChangeRuleTests.sub,
    userName: String? = nil, region: String = "eu-central-1", errorCode: String? = nil
  ) throws -> ChangeRecord {
    try XCTUnwrap(
      ChangeRecord(
        TestRecord(
          name, sub: sub, userPoolID: pool, userName: userName, region: region,
          ["errorCode": errorCode ?? NSNull()]
        ).bytes))
  }

  private func pools(_ ids: String..., region: String = "eu-central-1") throws -> [UserPoolID] {
    try ids.map { try XCTUnwrap(UserPoolID($0)).served(in: region) }
  }

  func testWhomARecordIsAboutAndWhereToAsk() throws {
    let sub = try XCTUnwrap(Sub(Self.sub))
    let here = try pools("eu-central-1_A")
    let served: Set = ["eu-central-1_A", "eu-central-1_B", "us-east-1_C"]
    let rows: [(ChangeRecord, ChangeRule)] = [
      (
        try record("AdminUpdateUserAttributes"),
        .ask(.sub(sub, userName: nil, isGone: false), in: here)
      ),
      (
        try record("AdminDeleteUser", userName: "ada"),
        .ask(.sub(sub, userName: "ada", isGone: true), in: here)
      ),
      // A user who acts for themselves: every served pool of the region.
      (
        try record("DeleteUser", pool: nil),
        .ask(
          .sub(sub, userName: nil, isGone: true), in: try pools("eu-central-1_A", "eu-central-1_B"))
      ),
      (
        try record("UpdateUserAttributes", pool: nil, region: "us-east-1"),
        .ask(
          .sub(sub, userName: nil, isGone: false), in: try pools("us-east-1_C", region: "us-east-1")
        )
      ),
      (try record("UpdateUserAttributes", pool: nil, region: "ap-south-1"), .ignore),
      // A replica is asked in its own region.
      (
        try record("AdminDisableUser", region: "us-west-2"),
        .ask(
          .sub(sub, userName: nil, isGone: false),
          in: try pools("eu-central-1_A", region: "us-west-2"))
      ),
      // Whoever forges a record chooses no host.
      (
        try record("AdminDisableUser", region: "evil.example/"),
        .ask(.sub(sub, userName: nil, isGone: false), in: here)
      ),
      (
        try record("AdminDisableUser", region: "cn-north-1"),
        .ask(.sub(sub, userName: nil, isGone: false), in: here)
      ),
      (try record("AdminCreateUser", sub: nil, userName: "bo"), .ask(.userName("bo"), in: here)),
      (try record("AdminCreateUser", sub: nil), .unidentified),
      // Nobody can say which pool's user has that name.
      (try record("UpdateUserAttributes", pool: nil, sub: nil, userName: "bo"), .unidentified),
      (try record("AdminDeleteUser", pool: "eu-central-1_Other"), .ignore),
      (try record("AdminDeleteUser", errorCode: "UserNotFoundException"), .ignore),
      (try record("AdminAddUserToGroup"), .ignore),
      (try record("AdminUpdateUserAttributesAndMore"), .ignore),
      (try record("StartUserImportJob", sub: nil), .tell(.startUserImportJob)),
      (try record("DeleteUserPool"), .tell(.deleteUserPool)),
      (try record("DeleteUserPool", pool: "eu-central-1_Other"), .ignore),
    ]
    for (index, (record, rule)) in rows.enumerated() {
      XCTAssertEqual(ChangeRule(record, servedPools: served), rule, "\(index)")
    }
  }

  func testEveryFollowedCallIsFollowed() throws {
    for call in FollowedCall.allCases {
      let rule = ChangeRule(try record(call.rawValue), servedPools: ["eu-central-1_A"])
      switch call.effect {
      case .wholePool: XCTAssertEqual(rule, .tell(call))
      case .change, .deletion:
        guard case .ask(.sub(_, _, let isGone), _) = rule else {
          XCTFail("\(call)")
          continue
        }
        XCTAssertEqual(
          isGone, call.rawValue.contains("DeleteUser") && !call.rawValue.hasSuffix("Attributes"))
      }
    }
  }
}
