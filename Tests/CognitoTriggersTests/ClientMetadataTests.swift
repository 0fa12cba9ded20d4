import XCTest

@testable import CognitoTriggers

final class ClientMetadataTests: XCTestCase {
  private func metadata(_ clientMetadata: String, _ keys: [String] = ["referral"]) -> ClientMetadata
  {
    ClientMetadata(Array(#"{"request":{"clientMetadata":\#(clientMetadata)}}"#.utf8), keys: keys)
  }

  func testOnlyTheKeysThatAreAskedForAreKept() {
    let sent = #"{"referral":"1234567","other":"not asked for","a\u0300":"2"}"#
    XCTAssertEqual(metadata(sent).json, #"{"referral":"1234567"}"#)
    XCTAssertEqual(
      metadata(sent, ["referral", "a\u{300}"]).json, "{\"a\u{300}\":\"2\",\"referral\":\"1234567\"}"
    )
    // Keys are told apart by their bytes.
    XCTAssertNil(metadata(sent, ["\u{e0}"]).json)
    XCTAssertNil(metadata(sent, ["invite"]).json)
    XCTAssertEqual(metadata(sent, ["invite"]).refusedKeys, [])
  }

  func testTextsOfAKilobyteAreKeptAndNothingElse() {
    let longest = String(repeating: "ä", count: 512)
    XCTAssertEqual(metadata(#"{"referral":"\#(longest)"}"#).json, #"{"referral":"\#(longest)"}"#)
    for value in [#""\#(longest)x""#, "1", "true", "[]", #"{"a":"b"}"#] {
      let sent = metadata(#"{"referral":\#(value),"b":"c"}"#, ["referral", "b"])
      XCTAssertEqual(sent.json, #"{"b":"c"}"#)
      XCTAssertEqual(sent.refusedKeys, ["referral"])
    }
    XCTAssertEqual(metadata(#"{"referral":null}"#).refusedKeys, [])
    XCTAssertEqual(metadata(#"{"referral":""}"#).json, #"{"referral":""}"#)
    // What PostgreSQL's jsonb cannot hold.
    XCTAssertEqual(metadata(#"{"referral":"a\u0000"}"#).json, "{\"referral\":\"a\u{FFFD}\"}")
  }

  func testWhatIsNoObjectHoldsNothing() {
    for value in ["null", "[]", "1", #""referral""#, "{}", "{"] {
      XCTAssertEqual(metadata(value).json, nil, value)
      XCTAssertEqual(metadata(value).refusedKeys, [], value)
    }
    for event in ["", "{}", #"{"request":null}"#, #"{"request":{}}"#] {
      XCTAssertNil(ClientMetadata(Array(event.utf8), keys: ["referral"]).json)
    }
  }
}
