import XCTest

@testable import CognitoTriggers

final class TokenClaimsTests: XCTestCase {
  func testAnAnswerIsReadWithItsValuesAsTheyAre() throws {
    let claims = try TokenClaims(
      #"{"access": {"a": 1.50, "b": [ 1 ]}, "id": null, "scopes": ["s"], "suppress": null}"#)
    XCTAssertEqual(claims.id, [])
    XCTAssertEqual(claims.access.map(\.name), ["a", "b"])
    XCTAssertEqual(
      claims.access.map { String(decoding: $0.value, as: UTF8.self) }, ["1.50", "[ 1 ]"])
    XCTAssertEqual(claims.access.map(\.isString), [false, false])
    XCTAssertEqual(claims.scopes, ["s"])
    XCTAssertEqual(claims.suppressed, [])
    XCTAssertEqual(try TokenClaims("{}"), try TokenClaims(#"{"id": {}, "access": {}}"#))
  }

  func testWhatIsNoAnswerIsRefused() {
    let rows: [(String, TokenClaimsError)] = [
      ("", .malformed), ("null", .malformed), ("[]", .malformed), (#""a""#, .malformed),
      (#"{"id": "a"}"#, .malformed), (#"{"id": []}"#, .malformed), (#"{"access": 1}"#, .malformed),
      (#"{"suppress": {}}"#, .malformed), (#"{"suppress": [1]}"#, .malformed),
      (#"{"scopes": "a"}"#, .malformed), (#"{"scopes": [null]}"#, .malformed),
      (#"{"acess": {"a": 1}}"#, .unknownMember), (#"{} {}"#, .malformed),
      (
        #"{"id": {"a": \#(String(repeating: "[", count: 100) + String(repeating: "]", count: 100))}}"#,
        .malformed
      ),
    ]
    for (text, error) in rows {
      XCTAssertThrowsError(try TokenClaims(text), text) {
        XCTAssertEqual($0 as? TokenClaimsError, error, text)
      }
    }
  }

  func testTheBound() throws {
    func answer(bytes: Int) -> String {
      #"{"id": {"a": "\#(String(repeating: "x", count: bytes - 17))"}}"#
    }
    XCTAssertEqual(answer(bytes: 8192).utf8.count, 8192)
    XCTAssertEqual(try TokenClaims(answer(bytes: 8192)).id.count, 1)
    XCTAssertThrowsError(try TokenClaims(answer(bytes: 8193))) {
      XCTAssertEqual($0 as? TokenClaimsError, .tooLong(bytes: 8193))
      XCTAssertEqual(
        "\($0)",
        "the claims are 8193 bytes, more than the 8192 that a token in a header has room for: return fewer"
      )
    }
  }

  func testAnAddressIsNoNameForALog() {
    XCTAssertEqual(
      TokenClaims.loggable("https://hasura.io/jwt/claims"), "'https://hasura.io/jwt/claims'")
    for name in ["ada@example.com", "a b", "ä", "a\n", String(repeating: "a", count: 65)] {
      XCTAssertEqual(TokenClaims.loggable(name), "(a name that is not shown)", name)
    }
  }
}
