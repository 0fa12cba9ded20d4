import Clock
import TestSupport
import XCTest

@testable import Postgres

final class ConnectionTests: XCTestCase {
  private var soon: Deadline { .after(.seconds(10)) }

  private func open(_ url: String) throws -> Connection {
    try Connection.open(ConnectionParameters(parsing: url), until: soon)
  }

  func testAPoolerThatTakesNoOptionsIsToldWithTheRemedy() throws {
    let port = try XCTUnwrap(Int(TestEnvironment.variable("POOLTABLE_TEST_PGBOUNCER_PORT")))
    let database = try TestDatabase()
    let url = database.urlForHandler(
      port: port,
      query: ["options": "-c geqo=off"])
    XCTAssertThrowsError(try open(url)) { error in
      XCTAssertEqual(
        error as? PostgresError, SQLState("08P01").map(PostgresError.connectionRefusedByServer))
      XCTAssertTrue("\(error)".contains("PgBouncer refuses"), "\(error)")
    }
    let proxy = try PostgresError.connectionRefusedByServer(XCTUnwrap(SQLState("0A000")))
    XCTAssertTrue("\(proxy)".contains("leave 'options' out of the connection string"), "\(proxy)")
    let other = try PostgresError.connectionRefusedByServer(XCTUnwrap(SQLState("3D000")))
    XCTAssertEqual("\(other)", "the server refused the connection, SQLSTATE 3D000")
  }

  func testParametersAndResultsKeepTextNullAndNonASCII() throws {
    let connection = try open(TestEnvironment.databaseURL())
    let values: [String?] = ["plain", nil, "", "Grüße 漢字 😀", "quote ' \" \\ $1"]
    let result = try connection.query(
      "SELECT $1::text, $2::text, $3::text, $4::text, $5::text", values, until: soon)
    XCTAssertEqual(result.rows, [values])
    XCTAssertNil(result.text(row: 1, column: 0))
    XCTAssertNil(result.text(row: 0, column: 5))
    XCTAssertNil(result.text(row: -1, column: 0))
  }

  func testAParameterWithNULIsRefusedInsteadOfCut() throws {
    let connection = try open(TestEnvironment.databaseURL())
    XCTAssertThrowsError(try connection.query("SELECT $1::text", ["a\0b"], until: soon)) {
      XCTAssertEqual($0 as? PostgresError, .parameterHoldsNUL(1))
    }
    XCTAssertTrue(connection.isOpen)
  }

  func testAServerErrorKeepsItsCodeAndNamesButNoValue() throws {
    let connection = try open(TestEnvironment.databaseURL())
    XCTAssertThrowsError(
      try connection.query("SELECT $1::uuid", ["canary-value"], until: soon)
    ) { error in
      XCTAssertEqual((error as? PostgresError)?.state, SQLState("22P02"))
      XCTAssertFalse("\(error)".contains("canary"))
    }
    XCTAssertEqual(try connection.query("SELECT 1", until: soon).text(row: 0, column: 0), "1")
  }

  func testAStatementThatOutlivesItsDeadlineEndsTheConnection() throws {
    let connection = try open(TestEnvironment.databaseURL())
    let start = Instant.now()
    XCTAssertThrowsError(
      try connection.query("SELECT pg_sleep(20)", until: .after(.milliseconds(200)))
    ) {
      XCTAssertEqual($0 as? PostgresError, .timedOut(.query))
    }
    XCTAssertLessThan(start.elapsed, .seconds(5))
    XCTAssertFalse(connection.isOpen)
    XCTAssertThrowsError(try connection.query("SELECT 1", until: soon)) {
      XCTAssertEqual($0 as? PostgresError, .connectionLost)
    }
  }

  func testALargeParameterAndALargeResultPassNonBlocking() throws {
    let connection = try open(TestEnvironment.databaseURL())
    let text = String(repeating: "x", count: 8 << 20)
    let result = try connection.query("SELECT $1::text || 'y'", [text], until: soon)
    XCTAssertEqual(result.text(row: 0, column: 0)?.utf8.count, text.utf8.count + 1)
  }

  func testARefusalByTheServerIsKnownByItsCodeWhateverTheLanguage() throws {
    let database = try TestDatabase()
    let wrong = database.url(user: database.handlerLogin, password: "wrong-canary")
    XCTAssertThrowsError(try open(wrong)) { error in
      XCTAssertEqual(
        error as? PostgresError, SQLState("28P01").map(PostgresError.connectionRefusedByServer))
      XCTAssertFalse("\(error)".contains(database.handlerLogin))
    }
  }

  func testNobodyListeningIsAnErrorAtOnce() throws {
    let port = try TCPRelay.unusedPort()
    XCTAssertThrowsError(try open("postgresql://ada:secret@127.0.0.1:\(port)/app")) { error in
      guard case .connectFailed(let detail)? = error as? PostgresError else {
        return XCTFail("\(error)")
      }
      XCTAssertTrue(detail.contains("refused"), detail)
      XCTAssertFalse(detail.contains("secret"))
    }
  }

  func testASilentServerCostsTheDeadlineAndNoMore() throws {
    let relay = try TCPRelay(to: try TCPRelay.unusedPort())
    relay.set(.swallow)
    let silent = try TCPRelay.listen()
    defer { close(silent.descriptor) }
    let parameters = try ConnectionParameters(
      parsing: "postgresql://ada@127.0.0.1:\(silent.port)/app")
    let start = Instant.now()
    XCTAssertThrowsError(
      try Connection.open(parameters, until: .after(.milliseconds(300)))
    ) {
      XCTAssertEqual($0 as? PostgresError, .timedOut(.connect))
    }
    XCTAssertLessThan(start.elapsed, .seconds(3))
  }

  func testADeadFirstHostLeavesTimeForTheSecond() throws {
    let database = try TestDatabase()
    let silent = try TCPRelay.listen()
    defer { close(silent.descriptor) }
    let connection = try Connection.open(
      ConnectionParameters(
        parsing: """
          host=127.0.0.1,127.0.0.1 port=\(silent.port),\(database.serverPort) \
          dbname=\(database.name) user=\(database.handlerLogin) \
          password=\(database.handlerPassword)
          """), until: .after(.seconds(3)))
    XCTAssertTrue(connection.stillStands())
  }

  func testAHostNameIsLookedUpAndAnUnknownOneIsAnError() throws {
    let database = try TestDatabase()
    let url = database.urlForHandler(host: "localhost")
    XCTAssertTrue(try open(url).isOpen)
    XCTAssertThrowsError(try open("postgresql://ada@no-such-host.invalid/app")) { error in
      guard let error = error as? PostgresError else { return XCTFail("\(error)") }
      switch error {
      case .hostNotFound(host: "no-such-host.invalid", _):
        XCTAssertTrue(error.summary.hasPrefix("could not look up the host no-such-host.invalid: "))
      case .timedOut(.resolve): break
      default: XCTFail("\(error)")
      }
    }
  }

  func testATerminatedIdleConnectionIsNoticedWithoutARoundTrip() throws {
    let database = try TestDatabase()
    let connection = try open(database.handlerURL)
    XCTAssertTrue(connection.stillStands())
    try database.execute(
      """
      SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
      WHERE usename = '\(database.handlerLogin)'
      """)
    XCTAssertFalse(connection.stillStands())
    XCTAssertFalse(connection.isOpen)
  }
}
