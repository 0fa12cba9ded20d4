import XCTest

@testable import Postgres

final class ConnectionParametersTests: XCTestCase {
  func testURIAndKeyValueTextMeanTheSame() throws {
    let uri = try ConnectionParameters(
      parsing: "postgresql://ada:p%40ss@db.example:6432/app?sslmode=verify-full")
    let text = try ConnectionParameters(
      parsing: "host=db.example port=6432 dbname=app user=ada password=p@ss sslmode=verify-full")
    for keyword in ["host", "port", "dbname", "user", "password", "sslmode"] {
      XCTAssertEqual(uri[keyword], text[keyword], keyword)
      XCTAssertNotNil(uri[keyword], keyword)
    }
  }

  func testAnUnreadableStringIsRefusedWithoutRepeatingIt() {
    for text in ["nonsense-secret", "postgresql://a:b@[::secret/", "secret='unterminated", "a\0b"] {
      XCTAssertThrowsError(try ConnectionParameters(parsing: text)) { error in
        XCTAssertEqual(error as? ConnectionStringError, .malformed)
        XCTAssertFalse("\(error)".contains("secret"))
      }
    }
    XCTAssertThrowsError(try ConnectionParameters(parsing: ""))
  }

  func testEveryHostIsAnEndpointOfItsOwn() throws {
    let several = try ConnectionParameters(parsing: "postgresql://one:1,two:2/app")
    XCTAssertEqual(
      several.endpoints,
      [Endpoint(host: "one", port: "1"), Endpoint(host: "two", port: "2")])
    let onePort = try ConnectionParameters(parsing: "host=one,two port=7")
    XCTAssertEqual(onePort.endpoints.map(\.port), ["7", "7"])
    let addressed = try ConnectionParameters(parsing: "host=one hostaddr=10.0.0.1")
    XCTAssertEqual(addressed.endpoints.map(\.host), ["one"])
    XCTAssertEqual(addressed.endpoints.map(\.address), ["10.0.0.1"])
  }

  func testAnAddressIsToldFromAName() {
    for text in ["10.0.0.1", "127.1", "::1", "fe80::1%eth0", "::ffff:10.0.0.1"] {
      XCTAssertTrue(isNumericAddress(text), text)
    }
    for text in ["", "db.example", "10.0.0.300", "10.0.0.1.example", "fe80::x", "localhost"] {
      XCTAssertFalse(isNumericAddress(text), text)
    }
  }

  func testOnlyNamesAreLookedUp() {
    XCTAssertTrue(Endpoint(host: "db.example").needsResolving)
    XCTAssertFalse(Endpoint(host: "/var/run/postgresql").needsResolving)
    XCTAssertFalse(Endpoint(host: "db.example", address: "10.0.0.1").needsResolving)
    XCTAssertFalse(Endpoint().needsResolving)
  }
}
