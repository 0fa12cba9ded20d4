import XCTest

@testable import Postgres

final class ConnectionStringTests: XCTestCase {
  func testWhatStandsAroundAURLIsTakenOff() throws {
    let uri = "postgresql://ada:p%40ss@db.example/app"
    for text in ["\(uri)\n", "\(uri)\r\n", " \t\(uri) ", "\n\(uri)\n\n"] {
      let parameters = try ConnectionParameters(parsing: text)
      XCTAssertEqual(parameters["dbname"], "app")
      XCTAssertEqual(parameters["host"], "db.example")
    }
    XCTAssertEqual(try ConnectionParameters(parsing: "\nhost=db dbname=app\n")["dbname"], "app")
    XCTAssertEqual(try ConnectionParameters(parsing: "password=a\\ ")["password"], "a ")
    XCTAssertThrowsError(try ConnectionParameters(parsing: " \n")) {
      XCTAssertEqual($0 as? ConnectionStringError, .empty)
    }
  }

  func testLoadBalancingIsTakenOutWhereverItStands() throws {
    let table: [(String, String?)] = [
      ("postgresql://a,b/app?load_balance_hosts=random", "random"),
      ("postgresql://u:p@a,b/app?sslmode=require&load_balance_hosts=random&user=x", "random"),
      ("postgresql://u:p?w@a,b/app?load_balance_hosts=disable&sslmode=require", "disable"),
      ("host=a,b dbname=app load_balance_hosts=random", "random"),
      ("load_balance_hosts = 'random' host='a,b' dbname=app sslmode=require", "random"),
      (
        "host=a,b password='load_balance_hosts=x \\' y' load_balance_hosts=random dbname=app",
        "random"
      ),
      ("host=a,b dbname=app password=load_balance_hosts=disable", nil),
    ]
    for (text, value) in table {
      let parameters = try ConnectionParameters(parsing: text)
      XCTAssertEqual(parameters["load_balance_hosts"], value, text)
      XCTAssertEqual(parameters.endpoints.map(\.host), ["a", "b"], text)
      XCTAssertEqual(parameters["dbname"], "app", text)
      // libpq 15 would refuse it.
      XCTAssertNil(parameters.forAttempt(at: Endpoint(host: "a"))["load_balance_hosts"])
    }
    for text in [
      "host=a load_balance_hosts", "load_balance_hosts=random host", "host=a load_balance_hosts='r",
    ] {
      XCTAssertThrowsError(try ConnectionParameters(parsing: text), text)
    }
  }

  /// The host is told in errors.
  func testAPieceOfAPasswordIsNoHost() throws {
    for text in [
      "postgresql://ada:one@two@db/app", "postgres://ada:one@two/three@db/app?sslmode=require",
      "postgresql://ada:one@a,two@b/app",
    ] {
      XCTAssertThrowsError(try ConnectionParameters(parsing: text), text) {
        XCTAssertEqual($0 as? ConnectionStringError, .malformed)
      }
    }
    for (text, host) in [
      ("postgresql://ada:one%40two@db/app", "db"), ("postgresql://ada:one?two@db/app", "db"),
      ("postgresql://ada:one@@socket/app", "@socket"), ("postgresql://db/app?user=a@b", "db"),
      ("host=db password=one@two@three", "db"),
    ] { XCTAssertEqual(try ConnectionParameters(parsing: text)["host"], host, text) }
  }

  func testEveryAttemptSpeaksUTF8() throws {
    for text in ["host=a", "host=a client_encoding=LATIN1"] {
      let parameters = try ConnectionParameters(parsing: text)
      XCTAssertEqual(parameters.forAttempt(at: Endpoint())["client_encoding"], "UTF8")
    }
  }
}
