import CognitoTriggers
import XCTest

final class UserAttributesTests: XCTestCase {
  func testAttributesWithAColumnAreReadFromTheirNames() throws {
    let attributes = try read(
      #"""
      {"sub":"3178e195-657d-4f70-965d-c4f9f78e20ff","email":"Ada@Example.com",
       "email_verified":"true","phone_number":"+15550100001","phone_number_verified":"false",
       "cognito:user_status":"CONFIRMED"}
      """#)
    XCTAssertEqual(attributes.sub, Sub("3178e195-657d-4f70-965d-c4f9f78e20ff"))
    XCTAssertTrue(attributes.hasSub)
    XCTAssertEqual(attributes.email, "Ada@Example.com")
    XCTAssertEqual(attributes.isEmailVerified, true)
    XCTAssertEqual(attributes.phoneNumber, "+15550100001")
    XCTAssertEqual(attributes.isPhoneNumberVerified, false)
    XCTAssertEqual(attributes.status, "CONFIRMED")
    XCTAssertNil(attributes.identitiesJSON)
    XCTAssertEqual(attributes.othersJSON, "{}")
  }

  func testNoAttributesAreAllAbsent() {
    let attributes = UserAttributes()
    XCTAssertNil(attributes.sub)
    XCTAssertFalse(attributes.hasSub)
    XCTAssertNil(attributes.email)
    XCTAssertNil(attributes.isEmailVerified)
    XCTAssertNil(attributes.phoneNumber)
    XCTAssertNil(attributes.isPhoneNumberVerified)
    XCTAssertNil(attributes.status)
    XCTAssertNil(attributes.identitiesJSON)
    XCTAssertEqual(attributes.othersJSON, "{}")
  }

  func testSubIsAUUIDInAnyCaseOrNone() throws {
    let id = try XCTUnwrap(Sub("f169c7c9-cce4-4952-ba1b-09f309f30dab"))
    let rows: [(json: String, sub: Sub?, hasSub: Bool)] = [
      (#""f169c7c9-cce4-4952-ba1b-09f309f30dab""#, id, true),
      (#""F169C7C9-CCE4-4952-BA1B-09F309F30DAB""#, id, true),
      (#""F169c7c9-cce4-4952-BA1B-09f309f30dAB""#, id, true),
      (#""otto-orth-0001""#, nil, true), (#""""#, nil, true),
      (#""f169c7c9cce44952ba1b09f309f30dab""#, nil, true),
      (#""{f169c7c9-cce4-4952-ba1b-09f309f30dab}""#, nil, true),
      (#"" f169c7c9-cce4-4952-ba1b-09f309f30dab""#, nil, true),
      (#""f169c7c9-cce4-4952-ba1b-09f309f30dab0""#, nil, true),
      (#""f169c7c9-cce4-4952-ba1b-09f309f30dab\u0000""#, nil, true),
      ("17", nil, true), ("true", nil, true), ("[]", nil, true), ("null", nil, false),
    ]
    for row in rows {
      let attributes = try read(#"{"sub":\#(row.json)}"#)
      XCTAssertEqual(attributes.sub, row.sub, row.json)
      XCTAssertEqual(attributes.hasSub, row.hasSub, row.json)
    }
  }

  func testBooleansAreReadInEverySpelling() throws {
    let rows: [(json: String, value: Bool?)] = [
      ("true", true), ("false", false), (#""true""#, true), (#""false""#, false),
      (#""True""#, true), (#""False""#, false), (#""TRUE""#, true), (#""FALSE""#, false),
      (#""""#, nil), (#""yes""#, nil), (#"" true""#, nil), ("null", nil), ("[]", nil),
      ("{}", nil), (#""true\u0000""#, nil),
    ]
    for row in rows {
      let attributes = try read(
        #"{"email_verified":\#(row.json),"phone_number_verified":\#(row.json)}"#)
      XCTAssertEqual(attributes.isEmailVerified, row.value, row.json)
      XCTAssertEqual(attributes.isPhoneNumberVerified, row.value, row.json)
    }
  }

  func testTextsAreStringsOrNumbersAndNeverEmpty() throws {
    let rows: [(json: String, text: String?)] = [
      (#""a""#, "a"), (#"" ""#, " "), (#""""#, nil), ("null", nil), ("true", nil), ("[]", nil),
      ("{}", nil), ("15550100001", "15550100001"), (#""a\u0000b""#, "a\u{FFFD}b"),
    ]
    for row in rows {
      let attributes = try read(
        #"{"email":\#(row.json),"phone_number":\#(row.json),"cognito:user_status":\#(row.json)}"#)
      XCTAssertEqual(attributes.email, row.text, row.json)
      XCTAssertEqual(attributes.phoneNumber, row.text, row.json)
      XCTAssertEqual(attributes.status, row.text, row.json)
    }
  }

  /// What is empty is said by the column's null already; what cannot be read is kept as it came.
  func testAnEmptyAttributeWithAColumnIsNoOtherAttribute() throws {
    for name in [
      "email", "email_verified", "phone_number", "phone_number_verified", "cognito:user_status",
    ] {
      for value in [#""""#, "null"] {
        XCTAssertEqual(try read(#"{"\#(name)":\#(value)}"#).othersJSON, "{}", "\(name) \(value)")
      }
      let odd = #"{"\#(name)":["odd"]}"#
      XCTAssertEqual(try read(odd).othersJSON, odd)
    }
  }

  func testTheStatusOfAListingCountsBeforeTheAttributes() throws {
    var attributes = try read(#"{"cognito:user_status":"UNCONFIRMED"}"#)
    attributes.listedStatus = "CONFIRMED"
    XCTAssertEqual(attributes.status, "CONFIRMED")
  }

  func testAttributesWhoseNamesUnicodeHoldsEqualAreTwo() throws {
    let event = try TriggerEvent(
      #"{"triggerSource":"A","request":{"userAttributes":{"custom:\u00e9":"1","custom:e\u0301":"2"}}}"#
    )
    XCTAssertEqual(
      event.attributes.othersJSON.utf8.elementsEqual(
        "{\"custom:e\u{301}\":\"2\",\"custom:\u{E9}\":\"1\"}".utf8), true,
      event.attributes.othersJSON)
    XCTAssertEqual(event.attributes.text(of: "custom:\u{E9}"), "1")
  }

  func testOtherAttributesKeepTheirTypes() throws {
    let attributes = try read(
      #"""
      {"sub":"x","email":"a","email_verified":true,"phone_number":"1","phone_number_verified":true,
       "cognito:user_status":"CONFIRMED","cognito:email_alias":"","name":"Ada \"A\" 李",
       "custom:seats":42,"custom:score":4.5,"custom:on":true,"custom:none":null,
       "custom:list":"[A, B]","custom:nested":{"b":[1,"/"],"a":{}}}
      """#)
    XCTAssertEqual(
      attributes.othersJSON,
      #"{"cognito:email_alias":"","custom:list":"[A, B]","custom:nested":{"a":{},"b":[1,"/"]},"#
        + #""custom:none":null,"custom:on":true,"custom:score":4.5,"custom:seats":42,"#
        + #""name":"Ada \"A\" 李"}"#)
  }

  func testIdentitiesAreTheArrayInsideTheString() throws {
    let rows: [(json: String, identities: String?, others: String)] = [
      (
        #""[{\"userId\":\"1\",\"primary\":true,\"issuer\":null,\"dateCreated\":1718000000123}]""#,
        #"[{"dateCreated":1718000000123,"issuer":null,"primary":true,"userId":"1"}]"#, "{}"
      ),
      (#""[{\"userId\":\"1\"},17,null]""#, #"[{"userId":"1"},17,null]"#, "{}"),
      (#"[{"userId":"1"}]"#, #"[{"userId":"1"}]"#, "{}"),
      (#""[]""#, "[]", "{}"),
      (#"" [ ] ""#, "[]", "{}"),
      (#""[{\"userId\":\"1\\u0000\"}]""#, "[{\"userId\":\"1\u{FFFD}\"}]", "{}"),
      (#""[{\"userId\"""#, nil, #"{"identities":"[{\"userId\""}"#),
      (#""{\"userId\":\"1\"}""#, nil, #"{"identities":"{\"userId\":\"1\"}"}"#),
      (#""""#, nil, #"{"identities":""}"#),
      (#""null""#, nil, #"{"identities":"null"}"#),
      (#""[\u0000]""#, nil, "{\"identities\":\"[\u{FFFD}]\"}"),
      ("null", nil, #"{"identities":null}"#),
      ("17", nil, #"{"identities":17}"#),
      ("{}", nil, #"{"identities":{}}"#),
    ]
    for row in rows {
      let attributes = try read(#"{"identities":\#(row.json)}"#)
      XCTAssertEqual(attributes.identitiesJSON, row.identities, row.json)
      XCTAssertEqual(attributes.othersJSON, row.others, row.json)
    }
  }

  func testIdentitiesThatAreNestedTooDeepAreKeptAsText() throws {
    let nested = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
    let attributes = try read(#"{"identities":"\#(nested)","name":"Ada"}"#)
    XCTAssertNil(attributes.identitiesJSON)
    XCTAssertEqual(attributes.othersJSON, #"{"identities":"\#(nested)","name":"Ada"}"#)
  }

  func testNULNeverReachesTheDatabase() throws {
    let attributes = try read(
      #"""
      {"email":"\u0000","custom:\u0000":"\u0000a","custom:b":["\u0000",{"\u0000":"\u0000"}],
       "identities":"[\"\\u0000\",{\"\\u0000\":1}]"}
      """#)
    let texts = [attributes.email, attributes.othersJSON, attributes.identitiesJSON]
    for text in texts {
      let text = try XCTUnwrap(text)
      XCTAssertFalse(text.utf8.contains(0), text)
      XCTAssertFalse(text.contains(#"\u0000"#), text)
      XCTAssertTrue(text.unicodeScalars.contains("\u{FFFD}"), text)
    }
    XCTAssertEqual(
      attributes.othersJSON,
      "{\"custom:b\":[\"\u{FFFD}\",{\"\u{FFFD}\":\"\u{FFFD}\"}],\"custom:\u{FFFD}\":\"\u{FFFD}a\"}")
    XCTAssertEqual(attributes.identitiesJSON, "[\"\u{FFFD}\",{\"\u{FFFD}\":1}]")
  }

  /// Attributes as an event brings them.
  private func read(_ json: String) throws -> UserAttributes {
    try TriggerEvent(#"{"triggerSource":"A","request":{"userAttributes":\#(json)}}"#).attributes
  }
}
