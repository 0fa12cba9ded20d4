import TestSupport
import XCTest

@testable import CognitoTriggers

final class UserMigrationEventTests: XCTestCase {
  private func password(in request: String) throws -> String? {
    let event = try UserMigrationEvent(Array(#"{"request":{\#(request)}}"#.utf8))
    guard let capacity = event.passwordCapacity else { return nil }
    let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      buffer.initialize(repeating: 0)
      count = event.readPassword(into: buffer)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  func testThePasswordIsReadWithItsEscapes() throws {
    let rows: [(request: String, password: String?)] = [
      (#""password":"Geheim 1!""#, "Geheim 1!"),
      (#""password" : "\u00e4\"\\\/\n\t" "#, "ä\"\\/\n\t"),
      (#""password":"😀\ud83d\ude00ä""#, "😀😀ä"), (#""password":"a","password":"b""#, "b"),
      (#""password":"""#, ""), (#""password":"a\u0000b""#, ""), (#""password":"\ud83d""#, ""),
      (#""password":null"#, ""), (#""password":["a"]"#, ""), (#""password":12"#, ""), ("", nil),
      (#""validationData":{"a":"\u0000"},"password":"b""#, "b"),
    ]
    for row in rows { XCTAssertEqual(try password(in: row.request), row.password, row.request) }
    XCTAssertThrowsError(try UserMigrationEvent(Array(#"{"request":{"password":"a"#.utf8)))
  }

  func testABufferThatIsTooShortIsNotOverrun() throws {
    let event = try UserMigrationEvent(Array(#"{"request":{"password":"12345678"}}"#.utf8))
    var bytes = [UInt8](repeating: 0, count: 12)
    let count = bytes.withUnsafeMutableBufferPointer {
      event.readPassword(into: UnsafeMutableBufferPointer(rebasing: $0[..<4]))
    }
    XCTAssertEqual(count, 0)
    XCTAssertEqual(bytes[4...], [0, 0, 0, 0, 0, 0, 0, 0])
  }

  func testTheUserStandsInTheResponseAndNothingElseChanges() throws {
    let user = try XCTUnwrap(
      MigratedUser(attributes: #"{"email":"a@example.com"}"#, userName: nil, keepsPassword: true))
    let rows: [(before: String, after: String)] = [
      (
        #" { "request":{"password":"p"}, "response" : {"userAttributes":null,"forceAliasCreation":null,"enableSMSMFA":null,"finalUserStatus":null,"messageAction":null} }"#,
        #" { "request":{"password":"p"}, "response" : {"userAttributes":{"email":"a@example.com"},"forceAliasCreation":false,"enableSMSMFA":null,"finalUserStatus":"CONFIRMED","messageAction":"SUPPRESS"} }"#
      ),
      (
        #"{"a":1,"response":null}"#,
        #"{"a":1,"response":{"finalUserStatus":"CONFIRMED","forceAliasCreation":false,"messageAction":"SUPPRESS","userAttributes":{"email":"a@example.com"}}}"#
      ),
    ]
    for (before, after) in rows {
      let answer = try UserMigrationEvent(Array(before.utf8)).answer(with: user)
      XCTAssertEqual(String(decoding: answer, as: UTF8.self), after)
    }
    let added = try UserMigrationEvent(Array(#"{"a":1}"#.utf8)).answer(with: user)
    XCTAssertTrue(String(decoding: added, as: UTF8.self).contains("\"CONFIRMED\""))
    for response in ["[]", "\"x\"", "true"] {
      let event = try UserMigrationEvent(Array(#"{"response":\#(response)}"#.utf8))
      XCTAssertThrowsError(try event.answer(with: user)) {
        XCTAssertEqual($0 as? UserMigrationEventError, .malformed)
      }
    }
  }

  func testWhatBecomesAnAttribute() throws {
    let rows: [(attributes: String, answered: String?, leftOut: [String])] = [
      (
        #"{"email":"a@b.c","email_verified":true,"custom:legacy_id":70000000000000000001,"name":"É\"x"}"#,
        #"{"custom:legacy_id":"70000000000000000001","email":"a@b.c","email_verified":"true","name":"É\"x"}"#,
        []
      ),
      (
        #"{"sub":"1","identities":"[]","cognito:user_status":"x","name":"A"}"#, #"{"name":"A"}"#,
        ["cognito:user_status", "identities", "sub"]
      ),
      (
        #"{"name":"A","a":null,"b":[1],"c":{"d":1},"first_name":"A"}"#, #"{"name":"A"}"#,
        ["b", "c", "first_name"]
      ),
      // Each would have Cognito refuse the user.
      (
        #"{"name":"A","email":"no address","email_verified":true}"#, #"{"name":"A"}"#, ["email"]
      ),
      (
        #"{"name":"A","email":"a@b@c","email_verified":"yes"}"#, #"{"name":"A"}"#,
        ["email", "email_verified"]
      ),
      (
        #"{"name":"A","phone_number":"030 123","phone_number_verified":true}"#, #"{"name":"A"}"#,
        ["phone_number"]
      ),
      (
        #"{"name":"A","nickname":"","birthdate":"1.2.1990","updated_at":"now"}"#,
        #"{"name":"A"}"#, ["birthdate", "updated_at"]
      ),
      (
        #"{"birthdate":"1990-02-01","phone_number":"+4930123","phone_number_verified":false}"#,
        #"{"birthdate":"1990-02-01","phone_number":"+4930123","phone_number_verified":"false"}"#, []
      ),
      (
        #"{"name":"A","custom:x":"\#(String(repeating: "a", count: 2049))"}"#, #"{"name":"A"}"#,
        ["custom:x"]
      ),
      ("{}", nil, []), ("null", nil, []), ("[]", nil, []), (#"{"sub":"1"}"#, nil, []),
      ("{", nil, []),
    ]
    for row in rows {
      let user = MigratedUser(attributes: row.attributes, userName: nil, keepsPassword: false)
      let answer = try user.map {
        String(
          decoding: try UserMigrationEvent(Array(#"{"response":{"userAttributes":0}}"#.utf8))
            .answer(with: $0), as: UTF8.self)
      }
      XCTAssertEqual(
        answer?.contains(#""userAttributes":\#(row.answered ?? "")"#) ?? false,
        row.answered != nil, "\(row): \(answer ?? "")")
      XCTAssertEqual(user?.leftOut ?? [], row.leftOut, row.attributes)
      XCTAssertFalse(answer?.contains("CONFIRMED") ?? false, "nobody typed a password")
    }
    let named = try XCTUnwrap(
      MigratedUser(attributes: #"{"name":"A"}"#, userName: "ada", keepsPassword: true))
    let answer = try UserMigrationEvent(Array("{}".utf8)).answer(with: named)
    XCTAssertTrue(
      String(decoding: answer, as: UTF8.self)
        .contains(#""userAttributes":{"name":"A","username":"ada"}"#))
  }

  func testACodeGoesToAVerifiedAddressOnly() {
    let rows: [(attributes: String, is: Bool)] = [
      (#"{"email":"a@b.c","email_verified":"true"}"#, true),
      (#"{"email":"a@b.c","email_verified":true}"#, true),
      (#"{"phone_number":"+15550100","phone_number_verified":"true"}"#, true),
      (#"{"email":"a@b.c"}"#, false), (#"{"email":"a@b.c","email_verified":"false"}"#, false),
      (#"{"email":"","email_verified":"true"}"#, false), (#"{"email_verified":"true"}"#, false),
      (#"{"email":"a@b.c","phone_number_verified":"true"}"#, false),
    ]
    for row in rows {
      let user = MigratedUser(attributes: row.attributes, userName: nil, keepsPassword: false)
      XCTAssertEqual(user?.hasVerifiedAddress ?? false, row.is, row.attributes)
    }
  }
}
