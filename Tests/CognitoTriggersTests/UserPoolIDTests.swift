import CognitoTriggers
import TestSupport
import XCTest

final class UserPoolIDTests: XCTestCase {
  func testTheRegionIsWhatStandsBeforeTheLastUnderscore() throws {
    for (text, region) in [
      ("eu-central-1_a1B2c3D4e", "eu-central-1"), ("us-gov-west-1_X", "us-gov-west-1"),
      ("eusc-de-east-1_a1B2c3D4e", "eusc-de-east-1"), ("us-isob-east-1_X", "us-isob-east-1"),
      ("local_1", "local"), ("eu-central-1_\(String(repeating: "a", count: 42))", "eu-central-1"),
      ("eu_central_1", "eu_central"), ("eu-central-1_a_b", "eu-central-1_a"),
    ] {
      let id = try XCTUnwrap(UserPoolID(text), text)
      XCTAssertEqual(id.region, region)
      XCTAssertEqual(id.text, text)
      XCTAssertEqual("\(id)", text)
    }
  }

  func testAReplicaIsTheSamePoolAskedAboutInAnotherRegion() throws {
    let rows: [(id: String, region: String, isReplica: Bool)] = [
      ("eu-central-1_A", "eu-central-1", false), ("eu-central-1_A", "us-west-2", true),
      ("eu-central-1_A", "eu-central-2", true), ("us-gov-west-1_A", "us-gov-east-1", true),
      // What emulators call a region says nothing, on either side.
      ("eu-central-1_A", "local", false), ("local_A", "eu-central-1", false),
      ("local_A", "local", false), ("eu-central-1_A", "", false),
    ]
    for row in rows {
      let pool = try XCTUnwrap(UserPoolID(row.id))
      XCTAssertEqual(pool.isReplica(in: row.region), row.isReplica, "\(row)")
      let served = pool.served(in: row.region)
      XCTAssertEqual(served.text, row.id)
      XCTAssertEqual(served.region, row.region)
      XCTAssertEqual(served.isReplica(in: row.region), row.isReplica, "\(row)")
    }
  }

  func testOtherTextIsNoID() {
    for text in Self.others { XCTAssertNil(UserPoolID(text), text) }
  }

  func testWhatIsAnIDIsWhatAWSsModelSays() throws {
    let texts =
      Self.others + [
        "eu-central-1_a1B2c3D4e", "eusc-de-east-1_a", "cn-north-1_1", "local_1", "eu_central_1",
        "eu-central-1_a_b", "__a", "-_a", "eu-central-1_\(String(repeating: "a", count: 42))",
      ]
    for (text, isID) in zip(texts, try BotocoreEndpoints.areUserPoolIDs(texts)) {
      XCTAssertEqual(UserPoolID(text) != nil, isID, text)
    }
  }

  private static let others = [
    "", "_", "eu-central-1", "eu-central-1_", "_a", "eu-central-1_a.example.com",
    "evil.example/_a", "eu central_a", "eu-central-1_ä", "eu-zentral-ä_a", " a_b", "a_b\n", "a@b_c",
    "eu-central-1_\(String(repeating: "a", count: 43))",
  ]
}
