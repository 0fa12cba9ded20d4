import Postgres
import XCTest

@testable import TriggerFunction

final class SQLStateMeaningTests: XCTestCase {
  private func state(_ code: String) throws -> SQLState { try XCTUnwrap(SQLState(code)) }

  private func failed(_ code: String) throws -> PostgresError {
    .statementFailed(ServerError(state: try state(code)))
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
    for code in transient {
      XCTAssertTrue(try failed(code).isWorthAnotherAttempt, code)
      XCTAssertTrue(PostgresError.connectionRefusedByServer(try state(code)).isWorthAnotherAttempt)
    }
    for code in final {
      XCTAssertFalse(try failed(code).isWorthAnotherAttempt, code)
      XCTAssertFalse(
        PostgresError.connectionRefusedByServer(try state(code)).isWorthAnotherAttempt)
    }
  }

  func testWhatHasNoSQLSTATE() throws {
    let ended = ServerError(state: try state("25P04"), endsConnection: true)
    let rows: [(error: PostgresError, again: Bool)] = [
      (.timedOut(.connect), true), (.timedOut(.query), true), (.connectionLost, true),
      (.connectFailed(detail: "server does not support SSL, but SSL was required"), true),
      (.credentialsUnavailable(detail: "", mayPass: true), true),
      (.credentialsUnavailable(detail: "", mayPass: false), false),
      (.parameterHoldsNUL(1), false), (.unexpectedAnswer(""), false),
      (.statementFailed(ended), true),
    ]
    for row in rows {
      XCTAssertEqual(row.error.isWorthAnotherAttempt, row.again, "\(row.error)")
      XCTAssertTrue(row.error.leavesConnectionInDoubt, "\(row.error)")
    }
  }

  func testOfSeveralAttemptsTheDecisiveOneCounts() throws {
    let refused = PostgresError.connectionRefusedByServer(try state("28P01"))
    let starting = PostgresError.connectionRefusedByServer(try state("57P03"))
    func attempt(_ error: PostgresError, ends: Bool = false) -> FailedAttempt {
      FailedAttempt(server: "a, port 5432", error: error, endedAttempts: ends)
    }
    let rows: [(attempts: [FailedAttempt], again: Bool)] = [
      ([attempt(.timedOut(.connect)), attempt(starting), attempt(refused, ends: true)], false),
      ([attempt(starting), attempt(.timedOut(.connect))], true),
      ([attempt(.timedOut(.connect)), attempt(.timedOut(.connect))], true),
    ]
    for row in rows {
      let error = PostgresError.attemptsFailed(row.attempts)
      XCTAssertEqual(error.isWorthAnotherAttempt, row.again, "\(error)")
      XCTAssertTrue(error.leavesConnectionInDoubt)
    }
    let text = PostgresError.attemptsFailed([attempt(starting), attempt(refused)]).withRemedy
    for part in ["57P03", "heals by itself", "28P01", "pg_hba.conf"] {
      XCTAssertTrue(text.contains(part), text)
    }
  }

  func testTheConnectionIsKeptAfterALostLockAndABadValueOnly() throws {
    for code in ["40001", "40P01", "55P03", "22001", "22P02", "23505", "23514"] {
      XCTAssertFalse(try failed(code).leavesConnectionInDoubt, code)
    }
    for code in [
      "25006", "42P01", "42501", "57014", "57P01", "53300", "08006", "XX000", "P0001", "54000",
    ] {
      XCTAssertTrue(try failed(code).leavesConnectionInDoubt, code)
    }
  }

  func testErrorsThatAnOperatorMustMendNameTheRemedy() throws {
    let remedies = [
      ("28P01", "password"), ("28000", "rds_iam"), ("3D000", "database does not exist"),
      ("42883", "pooltable migrate"), ("42P01", "pooltable migrate"),
      ("3F000", "pooltable migrate"), ("42501", "--handler-role"), ("42501", "--reader-role"),
      ("25006", "read-only"),
      ("53300", "RDS Proxy"), ("53100", "disk"), ("55P03", "long transactions"),
      ("57014", "statement_timeout"), ("57P01", "heals"), ("57P02", "heals"), ("57P03", "heals"),
    ]
    for (code, words) in remedies {
      for error in [try failed(code), .connectionRefusedByServer(try state(code))] {
        XCTAssertTrue(error.withRemedy.contains(words), error.withRemedy)
        XCTAssertFalse(error.description.contains(words), error.description)
      }
    }
    for code in ["22001", "28001", "53200", "40001", "XX000"] {
      XCTAssertNil(try state(code).remedy, code)
    }
  }
}
