import CognitoTriggers
import Foundation
import TestSupport
import XCTest

final class TriggerEventTests: XCTestCase {
  func testEveryEventInFixturesIsReadWithWhatItSays() throws {
    let files = try TestEnvironment.triggerFixtures()
    XCTAssertGreaterThan(files.count, 90)
    for file in files {
      let data = try Data(contentsOf: file)
      let event = try TriggerEvent(Array(data))

      let json = try XCTUnwrap(
        JSONSerialization.jsonObject(with: data) as? [String: Any], file.lastPathComponent)
      let request = json["request"] as? [String: Any]
      let attributes = request?["userAttributes"] as? [String: Any]
      let name = file.lastPathComponent
      XCTAssertEqual(event.sourceName, json["triggerSource"] as? String, name)
      XCTAssertEqual(event.userPoolID, json["userPoolId"] as? String, name)
      XCTAssertEqual(event.userName, json["userName"] as? String, name)
      XCTAssertEqual(
        event.attributes.sub?.description,
        (attributes?["sub"] as? String).flatMap { UUID(uuidString: $0) }?.uuidString.lowercased(),
        name)
      let email = (attributes?["email"] as? String)?.replacingOccurrences(
        of: "\0", with: "\u{FFFD}")
      XCTAssertEqual(event.attributes.email, email, name)
    }
  }

  func testOnlyTheUnknownSourceOfFixturesIsUnknown() throws {
    for file in try TestEnvironment.triggerFixtures() {
      let event = try TriggerEvent(Array(Data(contentsOf: file)))
      let isUnknown = file.lastPathComponent == "unknown-trigger-source.json"
      XCTAssertEqual(event.source == nil, isUnknown, file.lastPathComponent)
    }
  }

  func testEveryRejectedBodyIsRefusedForItsOwnReason() throws {
    let expected: [String: TriggerEventError] = [
      "array": .notAnObject, "cognito-sync": .noTriggerSource, "empty": .notAnObject,
      "invalid-utf-8": .notUTF8, "lone-trailing-garbage": .notAnObject,
      "nested-10000": .notAnObject, "no-trigger-source": .noTriggerSource,
      "not-json": .notAnObject, "null": .notAnObject, "number": .notAnObject,
      "string": .notAnObject, "trigger-source-not-a-string": .noTriggerSource,
      "truncated": .notAnObject, "truncated-utf-8": .notUTF8,
    ]
    let files = try TestEnvironment.fixtureFiles(in: "rejected")
    XCTAssertEqual(
      Set(files.map { $0.deletingPathExtension().lastPathComponent }), Set(expected.keys))
    for file in files {
      let name = file.deletingPathExtension().lastPathComponent
      XCTAssertThrowsError(try TriggerEvent(Array(Data(contentsOf: file))), name) { error in
        XCTAssertEqual(error as? TriggerEventError, expected[name], name)
      }
    }
  }

  /// RFC 8259, section 8.1: JSON between systems is UTF-8.
  func testUTF16IsNoEventWithAMarkOrWithoutOne() {
    let units = Array(#"{"triggerSource":"A"}"#.utf16)
    let little = units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let big = units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    let rows: [(bytes: [UInt8], error: TriggerEventError)] = [
      ([0xFF, 0xFE] + little, .notUTF8), ([0xFE, 0xFF] + big, .notUTF8),
      // As UTF-8 it is ASCII between NUL characters.
      (little, .notAnObject), (big, .notAnObject),
    ]
    for row in rows {
      XCTAssertThrowsError(try TriggerEvent(row.bytes)) { error in
        XCTAssertEqual(error as? TriggerEventError, row.error)
      }
    }
  }

  func testMembersOfAnUnexpectedTypeAreReadAsAbsent() throws {
    let members = [
      "", #","userName":null"#, #","userName":17"#, #","userName":["ada"]"#,
      #","userPoolId":null"#, #","userPoolId":{}"#, #","userPoolId":true"#,
      #","request":null"#, #","request":"none""#, #","request":[]"#, #","request":7"#,
      #","request":{}"#, #","request":{"userAttributes":null}"#,
      #","request":{"userAttributes":[]}"#, #","request":{"userAttributes":"{}"}"#,
      #","request":{"userAttributes":{}}"#, #","request":{"userattributes":{"email":"a@b"}}"#,
      #","version":2,"response":17,"callerContext":null"#,
    ]
    for member in members {
      XCTAssertEqual(
        try TriggerEvent(#"{"triggerSource":"Some_Source"\#(member)}"#),
        TriggerEvent(
          sourceName: "Some_Source", userPoolID: nil, userName: nil, attributes: UserAttributes()),
        member)
    }
  }

  func testWhatIsReadableBesideAWrongMemberIsRead() throws {
    let event = try TriggerEvent(
      #"""
      {"request":{"userAttributes":{"email":"ada@example.com"},"clientMetadata":17},
       "userName":false,"userPoolId":"eu-central-1_a","triggerSource":"PostConfirmation_ConfirmSignUp"}
      """#)
    XCTAssertEqual(event.source, .postConfirmation)
    XCTAssertEqual(event.userPoolID, "eu-central-1_a")
    XCTAssertNil(event.userName)
    XCTAssertEqual(event.attributes.email, "ada@example.com")
  }

  func testATriggerSourceThatIsNoStringIsNone() {
    for value in ["null", "17", "true", "[]", "{}", #"["PostConfirmation_ConfirmSignUp"]"#] {
      XCTAssertThrowsError(try TriggerEvent(#"{"triggerSource":\#(value)}"#), value) { error in
        XCTAssertEqual(error as? TriggerEventError, .noTriggerSource, value)
      }
    }
  }

  func testUserNameKeepsItsCharactersButNUL() throws {
    let rows: [(json: String, name: String)] = [
      (#"adfs_ad\\ada"#, #"adfs_ad\ada"#), (#"a\u0000b\u0000"#, "a\u{FFFD}b\u{FFFD}"),
      ("Ünï 李 👩🏽‍🚀", "Ünï 李 👩🏽‍🚀"), (#"\ud83d\ude80"#, "🚀"), ("", ""),
    ]
    for row in rows {
      let event = try TriggerEvent(#"{"triggerSource":"A","userName":"\#(row.json)"}"#)
      XCTAssertEqual(event.userName.map { Array($0.utf8) }, Array(row.name.utf8), row.json)
    }
    let event = try TriggerEvent(#"{"triggerSource":"A","userPoolId":"a\u0000b"}"#)
    XCTAssertEqual(event.userPoolID, "a\u{FFFD}b")
  }

  func testALoneSurrogateBecomesTheReplacementCharacterAndAllIsKept() throws {
    let event = try TriggerEvent(
      #"""
      {"triggerSource":"A","userName":"\ud800","request":{"userAttributes":
        {"email":"ada@example.com","name":"\ud83d","custom:a":"kept","nickname":"\udc00x"}}}
      """#)
    XCTAssertEqual(event.userName, "\u{FFFD}")
    XCTAssertEqual(event.attributes.email, "ada@example.com")
    XCTAssertEqual(
      event.attributes.othersJSON,
      #"{"custom:a":"kept","name":"\#u{FFFD}","nickname":"\#u{FFFD}x"}"#)
  }

  func testDuplicateAttributesAreOneAttribute() throws {
    let event = try TriggerEvent(
      #"""
      {"triggerSource":"A","request":{"userAttributes":
        {"custom:a":"one","custom:a":"two","email":"ada@example.com"}}}
      """#)
    XCTAssertTrue(
      [#"{"custom:a":"one"}"#, #"{"custom:a":"two"}"#].contains(event.attributes.othersJSON),
      event.attributes.othersJSON)
    XCTAssertEqual(event.attributes.email, "ada@example.com")
  }

  func testDeepNestingIsAnErrorInsteadOfACrash() {
    let depth = 10_000
    let rows = [
      (String(repeating: "[", count: depth), String(repeating: "]", count: depth)),
      (String(repeating: #"{"a":"#, count: depth), "1" + String(repeating: "}", count: depth)),
    ]
    for (opened, closed) in rows {
      let nested = opened + closed
      for body in [
        nested, #"{"triggerSource":"A","other":\#(nested)}"#,
        #"{"triggerSource":"A","request":{"userAttributes":{"custom:a":\#(nested)}}}"#,
        #"{"triggerSource":\#(nested)}"#,
      ] {
        XCTAssertThrowsError(try TriggerEvent(body), String(body.prefix(80))) { error in
          XCTAssertEqual(
            error as? TriggerEventError, body.hasPrefix("[") ? .notAnObject : .tooDeep)
        }
      }
    }
  }

  func testNestingThatIsStillReadKeepsTheEvent() throws {
    for (opened, closed, count) in [("[", "]", 60), (#"{"a":["#, "]}", 30)] {
      let nested =
        String(repeating: opened, count: count) + String(repeating: closed, count: count)
      let event = try TriggerEvent(
        #"{"triggerSource":"A","request":{"userAttributes":{"custom:a":\#(nested)}}}"#)
      XCTAssertEqual(event.attributes.othersJSON, #"{"custom:a":\#(nested)}"#)
    }
  }

  func testErrorsQuoteNothingOfTheEvent() {
    for body in ["[\"secret\"]", "secret", #"{"secret":"secret"}"#, #"{"triggerSource":1,secret"#] {
      XCTAssertThrowsError(try TriggerEvent(body), body) { error in
        XCTAssertFalse("\(error)".contains("secret"), "\(error)")
        XCTAssertTrue("\(error)".hasPrefix("the event "), "\(error)")
      }
    }
  }
}

extension TriggerEvent {
  init(_ json: String) throws {
    try self.init(Array(json.utf8))
  }
}
