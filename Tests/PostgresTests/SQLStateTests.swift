import XCTest

@testable import Postgres

final class SQLStateTests: XCTestCase {
  func testOnlyFiveDigitsOrCapitalsAreACode() {
    for code in ["28P01", "00000", "XX000"] { XCTAssertNotNil(SQLState(code), code) }
    for code in ["", "2800", "28P011", "28p01", "28 01", "2ü001"] {
      XCTAssertNil(SQLState(code), code)
    }
  }
}
