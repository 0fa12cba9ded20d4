import Foundation
import TestSupport
import XCTest

@testable import CognitoTriggers

final class ChangeRecordTests: XCTestCase {
  private let ada = Sub("3f1c2d4e-5a6b-4c7d-8e9f-0a1b2c3d4e5f")

  private func fixture(_ name: String) throws -> [UInt8] {
    Array(
      try Data(
        contentsOf: TestEnvironment.fixtures.appendingPathComponent(
          "events/changes/\(name).json")))
  }

  func testEveryFollowedCallHasARecordThatIsRead() throws {
    for call in FollowedCall.allCases {
      let record = try XCTUnwrap(ChangeRecord(fixture(call.rawValue)), call.rawValue)
      XCTAssertEqual(record.call, call)
      XCTAssertFalse(record.hasFailed)
      XCTAssertEqual(record.region, "eu-central-1")
      XCTAssertEqual(record.time, "2026-10-01T12:00:00Z")
      let isOwn = !call.rawValue.hasPrefix("Admin") && call.effect != .wholePool
      XCTAssertEqual(record.userPoolID, isOwn ? nil : "eu-central-1_ExaMPLe01", call.rawValue)
      XCTAssertEqual(record.sub, call.effect == .wholePool ? nil : ada, call.rawValue)
      XCTAssertNil(record.userName, "a hidden name is none")
    }
  }

  func testWhatIsOfNoUseIsToldByItsOwnMark() throws {
    XCTAssertTrue(try XCTUnwrap(ChangeRecord(fixture("failed-call"))).hasFailed)
    let other = try XCTUnwrap(ChangeRecord(fixture("not-followed")))
    XCTAssertNil(other.call)
    XCTAssertEqual(other.sub, ada)
    let named = try XCTUnwrap(ChangeRecord(fixture("name-without-sub")))
    XCTAssertEqual(named.userName, "bo@example.com")
    XCTAssertNil(named.sub)
  }

  /// Each line takes away or spoils what a record is known by.
  func testWhatIsNoRecordOfACallToCognitoIsNone() throws {
    let record = String(decoding: try fixture("AdminDeleteUser"), as: UTF8.self)
    XCTAssertNotNil(ChangeRecord(Array(record.utf8)))
    for (from, to) in [
      ("AWS API Call via CloudTrail", "AWS Service Event via CloudTrail"),
      ("\"aws.cognito-idp\"", "\"aws.cognito-sync\""),
      ("cognito-idp.amazonaws.com", "cognito-identity.amazonaws.com"),
      ("\"detail\"", "\"details\""), ("\"source\"", "\"sources\""),
    ] {
      XCTAssertTrue(record.contains(from), from)
      XCTAssertNil(
        ChangeRecord(Array(record.replacingOccurrences(of: from, with: to).utf8)), to)
    }
    for text in ["", "{}", "[]", "null", String(record.dropLast(3)), record + "x"] {
      XCTAssertNil(ChangeRecord(Array(text.utf8)), String(text.suffix(20)))
    }
    // China's ending is another one.
    XCTAssertNotNil(
      ChangeRecord(
        Array(
          record.replacingOccurrences(
            of: "cognito-idp.amazonaws.com", with: "cognito-idp.amazonaws.com.cn"
          ).utf8)))
  }

  func testMembersOfAnotherTypeCountAsMissing() throws {
    for odd in ["null", "1", "[]", "{}", "\"\"", "true"] {
      let text = """
        {"detail-type": "AWS API Call via CloudTrail", "source": "aws.cognito-idp", "detail": {
          "eventSource": "cognito-idp.amazonaws.com", "eventName": \(odd), "eventTime": \(odd),
          "awsRegion": \(odd), "requestParameters": {"userPoolId": \(odd), "username": \(odd)},
          "additionalEventData": {"sub": \(odd)}}}
        """
      let record = try XCTUnwrap(ChangeRecord(Array(text.utf8)), odd)
      XCTAssertNil(record.call)
      XCTAssertNil(record.userPoolID, odd)
      XCTAssertNil(record.userName, odd)
      XCTAssertNil(record.sub, odd)
      for member in ["requestParameters", "additionalEventData"] {
        let text = """
          {"detail-type": "AWS API Call via CloudTrail", "source": "aws.cognito-idp", "detail": {
            "eventSource": "cognito-idp.amazonaws.com", "\(member)": \(odd)}}
          """
        XCTAssertNotNil(ChangeRecord(Array(text.utf8)), odd)
      }
    }
  }
}
