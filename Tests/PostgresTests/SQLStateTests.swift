import XCTest

@testable import Postgres

final class SQLStateTests: XCTestCase {
  func testOnlyFiveDigitsOrCapitalsAreACode() {
    for code in ["28P01", "00000", "XX000"] { XCTAssertNotNil(SQLState(code), code) }
    for code in ["", "2800", "28P011", "28p01", "28 01", "2ü001"] {
      XCTAssertNil(SQLState(code), code)
    }
  }

  func testWhatIsWorthOneMoreAttempt() throws {
    let transient = [
      "08000", "08006", "53000", "53200", "53300", "57P01", "57P02", "57P03", "40001", "40P01",
      "55P03", "58030",
    ]
    let final = [
      "53100", "57014", "22001", "22P02", "23505", "28000", "28P01", "3D000", "42501", "42883",
      "42P01", "25006", "XX000", "58P01", "57000",
    ]
    for code in transient { XCTAssertTrue(try XCTUnwrap(SQLState(code)).isTransient, code) }
    for code in final { XCTAssertFalse(try XCTUnwrap(SQLState(code)).isTransient, code) }
  }

  func testErrorsThatAnOperatorMustMendNameTheRemedy() throws {
    let remedies = [
      ("28P01", "password"), ("3D000", "database does not exist"), ("42883", "pooltable migrate"),
      ("42P01", "pooltable migrate"), ("3F000", "pooltable migrate"), ("42501", "--handler-role"),
      ("25006", "read-only"), ("53300", "RDS Proxy"),
    ]
    for (code, words) in remedies {
      let state = try XCTUnwrap(SQLState(code))
      XCTAssertTrue(
        PostgresError.connectionRefusedByServer(state).description.contains(words), code)
    }
  }
}
