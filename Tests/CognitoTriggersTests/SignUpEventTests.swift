import TestSupport
import XCTest

@testable import CognitoTriggers

final class SignUpEventTests: XCTestCase {
  private func event(request: String, response: String = "") -> [UInt8] {
    Array(#"{"triggerSource":"PreSignUp_SignUp","request":{\#(request)}\#(response)}"#.utf8)
  }

  func testWhatTheClientSentAlongIsJSONThatPostgreSQLTakes() {
    let rows: [(request: String, validation: String?, metadata: String?)] = [
      ("", nil, nil),
      (#""validationData":null,"clientMetadata":null"#, nil, nil),
      (#""validationData":{},"clientMetadata":{ "b":"2", "a":1 }"#, "{}", #"{"a":1,"b":"2"}"#),
      (#""validationData":{"code":"a\u0000b"}"#, "{\"code\":\"a\u{FFFD}b\"}", nil),
      (#""clientMetadata":"text""#, nil, #""text""#),
      (#""clientMetadata":{"a":"1"},"clientMetadata":{"a":"2"}"#, nil, #"{"a":"2"}"#),
    ]
    for row in rows {
      let event = SignUpEvent(event(request: row.request))
      XCTAssertEqual(event.validationData, row.validation, row.request)
      XCTAssertEqual(event.clientMetadata, row.metadata, row.request)
    }
    let broken = SignUpEvent(Array("{".utf8))
    XCTAssertNil(broken.validationData)
  }

  func testConfirmingChangesOneValueAndNoOtherByte() throws {
    let rows: [(before: String, after: String)] = [
      (
        #","response":{"autoConfirmUser":false,"autoVerifyEmail":false,"autoVerifyPhone":false}"#,
        #","response":{"autoConfirmUser":true,"autoVerifyEmail":false,"autoVerifyPhone":false}"#
      ),
      (
        #","response" : { "autoConfirmUser" : null } "#,
        #","response" : { "autoConfirmUser" : true } "#
      ),
      (#","response":{}"#, #","response":{"autoConfirmUser":true}"#),
      (#","response":null"#, #","response":{"autoConfirmUser":true}"#),
    ]
    for (before, after) in rows {
      XCTAssertEqual(
        String(
          decoding: try SignUpEvent(event(request: "", response: before)).confirmed(),
          as: UTF8.self),
        String(decoding: event(request: "", response: after), as: UTF8.self))
    }
    // Missing at all, it is added somewhere.
    let added = try SignUpEvent(event(request: "")).confirmed()
    XCTAssertTrue(
      String(decoding: added, as: UTF8.self).contains(#""response":{"autoConfirmUser":true}"#))
  }

  func testAResponseOfAnotherTypeIsNotAnswered() {
    for response in [#","response":[]"#, #","response":"x""#, #","response":true"#] {
      XCTAssertThrowsError(try SignUpEvent(event(request: "", response: response)).confirmed()) {
        XCTAssertEqual($0 as? SignUpEventError, .malformed)
      }
    }
  }
}
