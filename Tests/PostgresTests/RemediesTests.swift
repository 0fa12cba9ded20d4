import XCTest

@testable import Postgres

/// What can be done about a failure, whatever the program.
final class RemediesTests: XCTestCase {
  private func refused(_ code: String) throws -> PostgresError {
    .connectionRefusedByServer(try XCTUnwrap(SQLState(code)))
  }

  private func failed(_ words: String) -> PostgresError {
    .connectFailed(detail: "connection to server at \"db\" (10.0.0.1), port 5432 failed: \(words)")
  }

  func testWhatTheCodeOrTheWordsTellHasItsRemedy() throws {
    let socket = #"connection to server on socket "/tmp/none/.s.PGSQL.5432" failed: "#
    let rows: [(PostgresError, remedy: String)] = [
      // RDS Proxy and PgBouncer, to a start-up option: by a name of one's own, nobody sees that it is a proxy.
      (try refused("0A000"), "leave 'options' out of the connection string"),
      (try refused("08P01"), "PgBouncer refuses so what it does not know"),
      (.timedOut(.resolve), "the resolver"), (.timedOut(.connect), "security groups"),
      (.timedOut(.query), "who holds locks"), (.connectionLost, "the server's log"),
      (.hostNotFound(host: "db", reason: "Name or service not known"), "check the host's name"),
      (failed("Connection refused"), "listen_addresses"),
      (failed("No route to host"), "security groups"),
      (failed("Network is unreachable"), "security groups"),
      (failed("Connection timed out"), "security groups"),
      (failed("server closed the connection unexpectedly"), "is it PostgreSQL?"),
      (failed("server does not support SSL, but SSL was required"), "ssl = on"),
      (failed("SSL error: certificate verify failed"), "sslrootcert"),
      (failed(#"server certificate for "a" does not match host name "b""#), "by a name"),
      (failed(#"root certificate file "/nowhere" does not exist"#), "in PEM"),
      (failed("fe_sendauth: no password supplied"), "PGPASSWORD"),
      (failed("session is read-only"), "target_session_attrs"),
      (.connectFailed(detail: socket + "No such file or directory"), "with this socket"),
      (.connectFailed(detail: socket + "Connection refused"), "with this socket"),
      (
        .connectFailed(detail: #"could not translate host name "db" to address: x"#),
        "check the host's name"
      ),
    ]
    for (error, remedy) in rows {
      let remedies = error.remedies { _ in nil }
      XCTAssertEqual(remedies.count, 1, "\(error)")
      XCTAssertTrue(remedies.first?.contains(remedy) == true, "\(remedy): \(error)")
    }
    XCTAssertEqual(try refused("28P01").remedies { _ in nil }, [])
    XCTAssertEqual(try refused("0A000").remedies { _ in "the program's" }, ["the program's"])
  }

  func testOfSeveralAttemptsEachHostIsNamedOnce() {
    let unknown = PostgresError.hostNotFound(host: "db", reason: "Name or service not known")
    let attempt = FailedAttempt(server: "db, port 5432", error: unknown)
    XCTAssertEqual(
      PostgresError.attemptsFailed([attempt, attempt]).description,
      "could not connect, 2 attempts failed: db, port 5432: not found, Name or service not known; "
        + "db, port 5432: not found, Name or service not known (\(LibPQMessage.unknownHost))")
  }
}
