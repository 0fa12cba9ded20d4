import Clock
import CognitoTriggers
import XCTest

@testable import UserTable

/// What PostgreSQL could not index is not put where it indexes.
final class ColumnLimitTests: XCTestCase {
  private func event(email: String = "\"a@example.com\"", pool: String) throws -> TriggerEvent {
    try TriggerEvent(
      Array(
        #"""
        {"triggerSource":"PostAuthentication_Authentication","userPoolId":"\#(pool)","request":
        {"userAttributes":{"sub":"3178e195-657d-4f70-965d-c4f9f78e20ff","email":\#(email)}}}
        """#.utf8))
  }

  func testAnEmailThatIsNoneStaysAmongTheAttributes() throws {
    let long = String(repeating: "ä", count: 1025)
    for email in ["\"\(long)\"", #"{"a":1}"#, "[1]", "true"] {
      let attributes = try event(email: email, pool: "p_1").attributes
      XCTAssertNil(attributes.email)
      XCTAssertEqual(attributes.othersJSON, "{\"email\":\(email)}")
    }
    for email in [String(repeating: "ä", count: 1024), "a@example.com"] {
      let attributes = try event(email: "\"\(email)\"", pool: "p_1").attributes
      XCTAssertEqual(attributes.email, email)
      XCTAssertEqual(attributes.othersJSON, "{}")
    }
  }

  func testAUserPoolIDThatIsTooLongNamesNoUser() throws {
    let longest = "eu-central-1_" + String(repeating: "x", count: 42)
    XCTAssertNoThrow(
      try SyncedUser(event(pool: longest), observedAt: .now(), requestID: "1", at: .token))
    XCTAssertThrowsError(
      try SyncedUser(event(pool: longest + "x"), observedAt: .now(), requestID: "1", at: .token)
    ) { XCTAssertEqual($0 as? UnidentifiedUser, .malformedUserPoolID) }
  }
}
