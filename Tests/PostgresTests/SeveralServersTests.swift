import Clock
import TestSupport
import XCTest

@testable import Postgres

/// Connecting where there is a choice of servers: real ones, and what stands in for a broken one.
final class SeveralServersTests: XCTestCase {
  private func open(
    _ database: TestDatabase, ports: [Int], password: String? = nil, _ more: String = "",
    within duration: Duration = .seconds(10)
  ) throws -> Connection {
    let hosts = ports.map { _ in "127.0.0.1" }.joined(separator: ",")
    return try Connection.open(
      ConnectionParameters(
        parsing: """
          host=\(hosts) port=\(ports.map { "\($0)" }.joined(separator: ",")) dbname=\(database.name) \
          user=\(database.handlerLogin) password=\(password ?? database.handlerPassword) \(more)
          """), until: .after(duration))
  }

  private func failure(_ body: () throws -> Connection) -> PostgresError? {
    do {
      _ = try body()
      return nil
    } catch {
      return error as? PostgresError
    }
  }

  func testARefusedLoginEndsTheAttemptsAndIsNotHidden() throws {
    let database = try TestDatabase()
    let relay = try TCPRelay(to: database.serverPort)
    let dead = try TCPRelay.unusedPort()
    for ports in [[database.serverPort, dead], [dead, database.serverPort, relay.port]] {
      let error = failure { try open(database, ports: ports, password: "canary") }
      XCTAssertEqual(error?.state?.code, "28P01", "\(ports)")
      XCTAssertFalse("\(error as Any)".contains("canary"))
    }
    XCTAssertEqual(relay.acceptedCount, 0)
  }

  func testUnreachableSilentStartingAndClosingServersLeadToTheNext() throws {
    let database = try TestDatabase()
    let silent = try TCPRelay.listen()
    defer { close(silent.descriptor) }
    let starting = try StandInServer { Backend.refuse("57P03", $0) }
    let closing = try StandInServer { _ = Backend.readStartUp($0) }
    let connection = try open(
      database,
      ports: [
        try TCPRelay.unusedPort(), silent.port, starting.port, closing.port, database.serverPort,
      ])
    XCTAssertTrue(connection.stillStands())
  }

  func testWhereAllFailTheErrorNamesEach() throws {
    let database = try TestDatabase()
    let dead = try TCPRelay.unusedPort()
    let starting = try StandInServer { Backend.refuse("57P03", $0) }
    let error = try XCTUnwrap(
      failure { try open(database, ports: [dead, starting.port], password: "canary") })
    let text = error.description
    XCTAssertTrue(text.contains("127.0.0.1, port \(dead): could not connect"), text)
    XCTAssertTrue(text.contains("127.0.0.1, port \(starting.port): the server refused"), text)
    XCTAssertFalse(text.contains("canary"), text)
    XCTAssertTrue(error.mayPass)
  }

  func testTheSessionMustBeAsAsked() throws {
    let database = try TestDatabase()
    try database.execute(
      "ALTER ROLE \(database.handlerLogin) SET default_transaction_read_only = on")
    let ports = [database.serverPort, database.serverPort]
    let table = [
      ("any", true), ("read-write", false), ("read-only", true), ("primary", true),
      ("standby", false), ("prefer-standby", true),
    ]
    for (wanted, succeeds) in table {
      let error = failure { try open(database, ports: ports, "target_session_attrs=\(wanted)") }
      XCTAssertEqual(error == nil, succeeds, "\(wanted): \(error as Any)")
      guard !succeeds else { continue }
      guard case .attemptsFailed(let attempts)? = error else { return XCTFail("\(error as Any)") }
      XCTAssertEqual(attempts.count, 2, wanted)
    }
  }

  func testLoadIsBalancedWhereThatIsChosen() throws {
    let database = try TestDatabase()
    let relays = [try TCPRelay(to: database.serverPort), try TCPRelay(to: database.serverPort)]
    for _ in 1...5 { _ = try open(database, ports: relays.map(\.port)) }
    XCTAssertEqual(relays.map(\.acceptedCount), [5, 0])
    for _ in 1...40 where relays[1].acceptedCount == 0 {
      _ = try open(database, ports: relays.map(\.port), "load_balance_hosts=random")
    }
    XCTAssertGreaterThan(relays[1].acceptedCount, 0)
  }

  func testAServerThatNeverStopsSendingWhileConnectingIsTimedOut() throws {
    let database = try TestDatabase()
    let chatty = try StandInServer { descriptor in
      // The login is taken, and what should follow does not come.
      guard Backend.readStartUp(descriptor) else { return }
      _ = Backend.send(Backend.message("R", [0, 0, 0, 0]), to: descriptor)
      while Backend.send(Backend.notice, to: descriptor) {}
    }
    let start = Instant.now()
    XCTAssertEqual(
      failure { try open(database, ports: [chatty.port], within: .milliseconds(300)) },
      .timedOut(.connect))
    XCTAssertLessThan(start.elapsed, .seconds(5))
    XCTAssertTrue(try open(database, ports: [chatty.port, database.serverPort]).isOpen)
  }
}
