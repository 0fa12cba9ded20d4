import CLibPQ
import Clock
import TestSupport
import XCTest

@testable import Postgres

/// What ends a connection, and that nothing keeps it waiting for ever.
final class ConnectionEndTests: XCTestCase {
  private var soon: Deadline { .after(.seconds(10)) }

  private func failure(_ body: () throws -> Void) -> PostgresError? {
    do {
      try body()
      return nil
    } catch {
      return error as? PostgresError
    }
  }

  func testAFatalErrorEndsTheConnectionWhateverItsCode() throws {
    let database = try TestDatabase()
    let table = [
      ("SET idle_session_timeout = 50", "57P05"),
      ("SET idle_in_transaction_session_timeout = 50; BEGIN", "25P03"),
    ]
    for (script, code) in table {
      let connection = try database.connect()
      try connection.execute(script: script, until: soon)
      // The server's own clock runs: nothing here can tell when it has ended the session.
      XCTAssertTrue(
        Deadline.after(.seconds(5)).wait(for: .reading, on: try XCTUnwrap(connection.socket)))
      let error = try XCTUnwrap(failure { _ = try connection.query("SELECT 1", until: soon) })
      XCTAssertTrue(error.mayPass, "\(code): \(error)")
      XCTAssertFalse(connection.isOpen, code)
      // Sending may meet the closed socket before the farewell is read.
      XCTAssertTrue(error == .connectionLost || error.state?.code == code, "\(code): \(error)")
    }
  }

  func testASessionThatTheServerEndsIsKnownByItsSeverity() throws {
    for severity in ["SFATAL\0VFATAL", "SFATAL", "SFATALER FEHLER\0VFATAL", "SPANIC\0VPANIC"] {
      // As a pooler may, it says so and leaves the socket open.
      let server = try StandInServer { descriptor in
        guard Backend.logIn(descriptor), StandInServer.read(1, from: descriptor) != nil else {
          return
        }
        let text = "\(severity)\0C25P04\0Mtransaction timeout\0\0"
        _ = Backend.send(Backend.message("E", Array(text.utf8)), to: descriptor)
        while StandInServer.read(1, from: descriptor) != nil {}
      }
      let connection = try connect(to: server)
      let error = failure { _ = try connection.query("SELECT 1", until: soon) }
      XCTAssertEqual(error?.state?.code, "25P04", severity)
      XCTAssertEqual(error?.mayPass, true, severity)
      XCTAssertFalse(connection.isOpen, severity)
    }
  }

  func testAnErrorThatIsNotFatalLeavesTheConnection() throws {
    let database = try TestDatabase()
    let error = failure { _ = try database.owner.query("SELECT 1/0", until: soon) }
    XCTAssertEqual(error?.state?.code, "22012")
    XCTAssertEqual(error?.mayPass, false)
    XCTAssertTrue(database.owner.isOpen)
  }

  func testCOPYIsAnErrorAndNoLoop() throws {
    let database = try TestDatabase()
    for sql in ["COPY (SELECT 1) TO STDOUT", "COPY cognito.users FROM STDIN"] {
      for isScript in [false, true] {
        let connection = try database.connect()
        let error = failure {
          if isScript {
            try connection.execute(script: "SELECT 1; \(sql)", until: soon)
          } else {
            _ = try connection.query(sql, until: soon)
          }
        }
        XCTAssertEqual(error, .unexpectedAnswer("COPY"), sql)
        XCTAssertFalse(connection.isOpen, sql)
      }
    }
  }

  func testAServerThatNeverStopsSendingIsTimedOut() throws {
    // Notices for ever, or one row after the other.
    let row = Backend.message("D", [0, 1, 0, 0, 0, 1, 120])
    let column =
      Array("x\0".utf8) + [0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 255, 255, 255, 255, 255, 255, 0, 0]
    let rows = Backend.message("T", [0, 1] + column)
    for (opening, endless) in [([], Backend.notice), (rows, row)] as [([UInt8], [UInt8])] {
      let server = try StandInServer { descriptor in
        guard Backend.logIn(descriptor), StandInServer.read(1, from: descriptor) != nil else {
          return
        }
        _ = Backend.send(opening, to: descriptor)
        while Backend.send(endless, to: descriptor) {}
      }
      let connection = try connect(to: server)
      let start = Instant.now()
      XCTAssertEqual(
        failure { _ = try connection.query("SELECT 1", until: .after(.milliseconds(300))) },
        .timedOut(.query))
      XCTAssertLessThan(start.elapsed, .seconds(5))
      XCTAssertFalse(connection.isOpen)
    }
  }

  func testAnIdleServerThatNeverStopsSendingIsLeft() throws {
    let server = try StandInServer { descriptor in
      guard Backend.logIn(descriptor) else { return }
      while Backend.send(Backend.notice, to: descriptor) {}
    }
    let connection = try connect(to: server)
    let start = Instant.now()
    XCTAssertFalse(try connection.waitForNotification(until: .after(.milliseconds(200))))
    // Whatever comes in between: it is asked until the sender has filled what the reader takes.
    while connection.stillStands(), start.elapsed < .seconds(8) {}
    XCTAssertLessThan(start.elapsed, .seconds(8))
    XCTAssertFalse(connection.isOpen)
  }

  func testASessionSpeaksUTF8WhateverTheEnvironmentSays() throws {
    setenv("PGCLIENTENCODING", "LATIN1", 1)
    defer { unsetenv("PGCLIENTENCODING") }
    let database = try TestDatabase()
    let connection = try database.connect()
    XCTAssertEqual(
      try connection.query("SHOW client_encoding", until: soon).text(row: 0, column: 0), "UTF8")
    XCTAssertEqual(
      try connection.query("SELECT length($1::text)", ["é😀"], until: soon).text(row: 0, column: 0),
      "2")
  }

  private func connect(to server: StandInServer) throws -> Connection {
    try Connection.open(
      ConnectionParameters(parsing: "host=127.0.0.1 port=\(server.port) user=a dbname=a"),
      until: soon)
  }
}

extension Connection {
  fileprivate var socket: Int32? { handle.map { PQsocket($0) } }
}
