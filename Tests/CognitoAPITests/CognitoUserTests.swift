import CognitoAPI
import JSON
import XCTest

final class CognitoUserTests: XCTestCase {
  private func user(_ json: String) throws -> CognitoUser {
    var reader = try JSONReader(Array(json.utf8))
    let user = try CognitoUser.read(&reader)
    try reader.end()
    return try user.get()
  }

  func testWhatIsNoJSONIsAnErrorOfItsOwn() {
    for json in ["", "{", #"{"Username":"a""#, #"{"Username":"a",oops}"#, #"{"Username":"a"} 1"#] {
      XCTAssertThrowsError(try user(json), json) { XCTAssertEqual($0 as? JSONError, .malformed) }
    }
  }

  func testAUserOfAListing() throws {
    let user = try user(
      """
      {"Username": "ada", "Attributes": [{"Name": "sub", "Value": "1"}, {"Name": "email", "Value": ""},
        {"Name": "name"}, {"Name": "email", "Value": "a@example.com"}],
       "UserCreateDate": 1795248000.123, "UserLastModifiedDate": "2026-11-21T08:30:00.123000+00:00",
       "Enabled": false, "UserStatus": "CONFIRMED", "MFAOptions": [], "Later": {}}
      """)
    XCTAssertEqual(user.username, "ada")
    XCTAssertEqual(
      user.attributes,
      ["sub": "1", "email": "a@example.com"].mapValues { .string($0) }
        .merging(["name": .null]) { $1 })
    XCTAssertEqual(user.status, "CONFIRMED")
    XCTAssertEqual(user.isEnabled, false)
    XCTAssertEqual(user.createdAt?.microsecondsSinceEpoch, 1_795_248_000_123_000)
    XCTAssertEqual(user.lastModifiedAt?.rfc3339, "2026-11-21T08:30:00.123000Z")
  }

  func testWhatIsNotSaidIsNotInvented() throws {
    for json in [
      #"{"Username":"a"}"#,
      #"{"Username":"a","Attributes":null,"UserStatus":null,"Enabled":null,"UserCreateDate":null}"#,
      #"{"Username":"a","UserAttributes":[]}"#,
    ] {
      let user = try user(json)
      XCTAssertEqual(user.attributes, [:])
      XCTAssertNil(user.status)
      XCTAssertNil(user.isEnabled)
      XCTAssertNil(user.createdAt)
      XCTAssertNil(user.lastModifiedAt)
    }
  }

  func testAnAttributeMayBeOfAnyType() throws {
    let user = try user(
      #"{"Username":"a","Attributes":[{"Name":"email_verified","Value":true},{"Name":"n","Value":1}]}"#
    )
    XCTAssertEqual(user.attributes, ["email_verified": .boolean(true), "n": .number(1)])
  }

  func testAMalformedUserSaysWhereAndNotWhat() throws {
    let rows: [(json: String, error: MalformedUser)] = [
      ("[]", .notAnObject), ("\"secret\"", .notAnObject), ("{}", .member("Username")),
      (#"{"Username":""}"#, .member("Username")), (#"{"Username":1}"#, .member("Username")),
      (#"{"Username":"secret","Attributes":{}}"#, .member("Attributes")),
      (#"{"Username":"secret","Attributes":["secret"]}"#, .member("Attributes")),
      (#"{"Username":"secret","Attributes":[{"Value":"secret"}]}"#, .member("Attributes")),
      (#"{"Username":"secret","Attributes":[{"Name":1}]}"#, .member("Attributes")),
      (#"{"Username":"secret","UserStatus":1}"#, .member("UserStatus")),
      (#"{"Username":"secret","Enabled":"secret"}"#, .member("Enabled")),
      (#"{"Username":"secret","UserCreateDate":"secret"}"#, .member("UserCreateDate")),
      (#"{"Username":"secret","UserLastModifiedDate":true}"#, .member("UserLastModifiedDate")),
    ]
    for row in rows {
      XCTAssertThrowsError(try user(row.json), row.json) {
        XCTAssertEqual($0 as? MalformedUser, row.error, row.json)
        XCTAssertFalse("\($0)".contains("secret"), "\($0)")
      }
    }
  }
}
