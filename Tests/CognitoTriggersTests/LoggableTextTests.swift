import CognitoTriggers
import XCTest

final class LoggableTextTests: XCTestCase {
  func testAnAddressIsNothingForALog() {
    for text in ["", "invited", "not invited (7)", String(repeating: "a", count: 64)] {
      XCTAssertTrue(text.isLoggable, text)
    }
    for text in [
      "ada@example.com", "ä", "a\nb", "a\tb", "\u{7F}", String(repeating: "a", count: 65),
    ] {
      XCTAssertFalse(text.isLoggable, text)
    }
  }

  func testANameIsShownUnlessItMightBeAPersons() {
    for name in ["birthdate", "custom:plan", "https://hasura.io/jwt/claims"] {
      XCTAssertEqual(name.loggableName, name)
    }
    for name in ["Ada Berg", "ada@example.com", "ä"] {
      XCTAssertEqual(name.loggableName, "(a name that is not shown)", name)
    }
  }
}
