import XCTest

@testable import Postgres

final class MayPassTests: XCTestCase {
  func testWhatWaitingCanMend() throws {
    func state(_ code: String) throws -> SQLState { try XCTUnwrap(SQLState(code)) }
    let passing: [PostgresError] = [
      .timedOut(.connect), .timedOut(.query), .connectionLost,
      .connectFailed(
        detail: "connection to server at \"127.0.0.1\", port 1 failed: Connection refused"),
      .hostNotFound(host: "certificate", reason: "Temporary failure in name resolution"),
      .connectFailed(detail: "server closed the connection unexpectedly"),
      .connectionRefusedByServer(try state("57P03")),
      .connectionRefusedByServer(try state("53300")),
      .statementFailed(ServerError(state: try state("40P01"))),
      .statementFailed(ServerError(state: try state("57014"))),
      .statementFailed(ServerError(state: try state("25006"))),
      .credentialsUnavailable(detail: "x", mayPass: true),
    ]
    let passingStates = [
      "08006", "25006", "40001", "40P01", "53200", "53300", "55P03", "57014", "57P01", "57P02",
      "57P03",
      "58030",
    ]
    for code in passingStates {
      let error = PostgresError.statementFailed(ServerError(state: try state(code)))
      XCTAssertTrue(error.mayPass, code)
    }
    let lasting: [PostgresError] = [
      .hostNotFound(host: "a", reason: "Name or service not known"),
      .hostNotFound(host: "a", reason: "No address associated with hostname"),
      .connectFailed(detail: "server does not support SSL, but SSL was required"),
      .connectFailed(detail: "SSL error: certificate verify failed"),
      .connectFailed(detail: "server certificate for \"a\" does not match host name \"b\""),
      .connectFailed(detail: "root certificate file \"/nowhere\" does not exist"),
      .connectFailed(detail: "fe_sendauth: no password supplied"),
      .connectFailed(detail: "could not load private key file \"key\": no start line"),
      .connectFailed(detail: "invalid sslmode value: \"no\""),
      .connectFailed(detail: "authentication method 7 not supported"),
      .connectFailed(detail: "channel binding required, but SSL not in use"),
      .connectFailed(detail: "invalid port number: \"99999\""),
      .connectFailed(detail: "invalid integer value \"x\" for connection option \"keepalives\""),
      .connectFailed(detail: "invalid target_session_attrs value: \"x\""),
      .statementFailed(ServerError(state: try state("53100"))),
      .connectionRefusedByServer(try state("28P01")),
      .connectionRefusedByServer(try state("28000")),
      .connectionRefusedByServer(try state("3D000")),
      .statementFailed(ServerError(state: try state("42P01"))),
      .statementFailed(ServerError(state: try state("42501"))),
      .credentialsUnavailable(detail: "x", mayPass: false), .parameterHoldsNUL(1),
      .unexpectedAnswer("x"),
    ]
    func failed(_ error: PostgresError, ends: Bool = false) -> FailedAttempt {
      FailedAttempt(server: "a, port 5432", error: error, endedAttempts: ends)
    }
    let unknown = PostgresError.hostNotFound(host: "a", reason: "Name or service not known")
    let noPassword = PostgresError.connectFailed(detail: "fe_sendauth: no password supplied")
    let several: [(PostgresError, Bool)] = [
      (.attemptsFailed([failed(.timedOut(.connect)), failed(unknown)]), true),
      (.attemptsFailed([failed(unknown), failed(unknown)]), false),
      (.attemptsFailed([failed(.timedOut(.connect)), failed(noPassword, ends: true)]), false),
      (
        .attemptsFailed([
          failed(.connectionRefusedByServer(try state("57P03"))), failed(noPassword, ends: true),
        ]), false
      ),
      (
        .attemptsFailed([
          failed(.timedOut(.connect)),
          failed(.connectionRefusedByServer(try state("53300")), ends: true),
        ]), true
      ),
      (.statementFailed(ServerError(state: try state("57P05"), endsConnection: true)), true),
    ]
    for (error, mayPass) in several { XCTAssertEqual(error.mayPass, mayPass, "\(error)") }
    for error in passing { XCTAssertTrue(error.mayPass, "\(error)") }
    for error in lasting { XCTAssertFalse(error.mayPass, "\(error)") }
  }
}
